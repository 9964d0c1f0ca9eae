import "./school.css";
