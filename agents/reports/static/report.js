// Draws the report's charts beside their tables. Without this, or without ECharts, the tables
// tell everything; so a chart's place is hidden until it is drawn.

import { $$ } from "../web/js/dom.js";

const library = document.querySelector("script[data-echarts]")?.dataset.echarts;
const drawn = [];

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

const readings = {
  percent: (value) => `${(value * 100).toFixed(1)}%`,
  duration: (value) => `${Math.floor(value / 60)}:${String(Math.round(value % 60)).padStart(2, "0")}`,
  count: (value) => value.toLocaleString("zh-CN"),
  decimal: (value) => value.toFixed(1),
};

function options(chart) {
  const reading = readings[chart.form] ?? String;
  const [ink, soft, line] = ["--ink", "--ink-2", "--line"].map(token);
  const lying = chart.kind === "rows";
  const text = { color: soft, fontFamily: token("--font"), fontSize: 12 };
  const names = {
    type: "category",
    data: chart.labels,
    inverse: lying,
    axisLine: { lineStyle: { color: line } },
    axisTick: { show: false },
    axisLabel: { ...text, hideOverlap: !lying },
  };
  const numbers = {
    type: "value",
    min: 0,
    max: chart.form === "percent" ? 1 : undefined,
    minInterval: chart.form === "count" ? 1 : undefined,
    axisLabel: { ...text, formatter: chart.form === "percent" ? (v) => `${v * 100}%` : undefined },
    splitLine: { lineStyle: { color: line } },
  };
  return {
    animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    aria: { enabled: true, label: { description: chart.title } },
    color: [token("--primary"), chart.kind === "stacked" ? token("--bad") : token("--good"), token("--warn")],
    textStyle: { fontFamily: token("--font"), color: ink },
    grid: { left: 8, right: 24, top: 36, bottom: 8, containLabel: true },
    legend: chart.series.length > 1 ? { top: 0, left: 0, textStyle: text, icon: "roundRect" } : undefined,
    // Words on the canvas: a tooltip of HTML would carry styles, which the policy forbids.
    tooltip: {
      trigger: "axis",
      renderMode: "richText",
      valueFormatter: (value) => (value === null || value === undefined ? "—" : reading(value)),
    },
    xAxis: lying ? numbers : names,
    yAxis: lying ? names : numbers,
    series: chart.series.map((one, at) => ({
      name: one.name,
      type: chart.kind === "lines" ? "line" : "bar",
      stack: chart.kind === "stacked" ? "all" : undefined,
      barMaxWidth: 26,
      symbolSize: 5,
      // Told apart without colour, too.
      lineStyle: { type: at ? "dashed" : "solid", width: 2 },
      data: one.values,
    })),
  };
}

function draw(init) {
  for (const place of $$("[data-chart]")) {
    const chart = JSON.parse(place.dataset.chart);
    place.hidden = false;
    if (chart.kind === "rows") place.style.height = `${60 + 26 * chart.labels.length}px`;
    place.setAttribute("role", "img");
    place.setAttribute("aria-label", `${chart.title}，数字见下表`);
    const picture = init(place, undefined, { renderer: "canvas", devicePixelRatio: Math.max(2, devicePixelRatio) });
    picture.setOption(options(chart));
    drawn.push([picture, chart]);
  }
}

function again() {
  for (const [picture, chart] of drawn) {
    picture.resize();
    picture.setOption(options(chart), true);
  }
}

// Paper can't be unfolded.
addEventListener("beforeprint", () => $$("details.numbers").forEach((one) => (one.open = true)));

if (library) {
  const { init } = await import(library);
  draw(init);
  addEventListener("resize", again);
  addEventListener("beforeprint", again);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
}
