import "./school.css";
import { followSliders } from "./day-slider";

followSliders(document);
