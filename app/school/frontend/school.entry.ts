import "./school.css";
import { watchWeekGrids } from "./week-grid";

watchWeekGrids();
