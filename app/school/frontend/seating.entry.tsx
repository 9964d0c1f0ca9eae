import "./seating.css";
import { islandData, mount } from "@app/island";
import { Seating, type SeatingData } from "./seating";

if (document.getElementById("seating")) mount("seating", <Seating data={islandData<SeatingData>("seating-data")} />);
