// What the report draws with, and nothing else: what is not named here is not in the bundle.
export {
  areaY,
  axisX,
  axisY,
  barY,
  cell,
  dot,
  gridY,
  lineY,
  plot,
  pointer,
  pointerX,
  ruleX,
  ruleY,
  text,
  tip,
} from "@observablehq/plot";
