import "./sheet.css";
import { islandData, mount } from "@app/island";
import { Sheet } from "./sheet";
import { type SheetData, SheetStore } from "./store";

void SheetStore.open(islandData<SheetData>("sheet-data")).then((store) => mount("sheet", <Sheet store={store} />));
