import "./school.css";
import { followSliders } from "./day-slider";
import { watchWeekGrids } from "./week-grid";

followSliders(document);
watchWeekGrids();
