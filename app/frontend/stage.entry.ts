// The small style sheet of full-screen islands; the island itself is another entry.
import "./stage.css";
import "./icons.svg";
