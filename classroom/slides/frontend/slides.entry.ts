import "./slides.css";
