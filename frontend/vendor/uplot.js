// The wallboard's live curves, as one module and its stylesheet.
import "uplot/dist/uPlot.min.css";
export { default } from "uplot";
