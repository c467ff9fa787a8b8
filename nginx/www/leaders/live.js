// The interactive chart: ECharts, only when somebody asked for it.  SVG, and
// text for the tooltip, because the CSP lets nobody write styles into HTML.
import * as echarts from "../vendor/echarts/dist/echarts.esm.min.js";

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

export function show(box, row, points) {
	box.classList.add("open");
	box.closest("figure").classList.add("lively");
	const share = row.target !== null;
	const chart = echarts.init(box, null, { renderer: "svg" });
	const line = (name, data, more) => ({ name, type: "line", data, connectNulls: false, ...more });
	chart.setOption({
		animation: false,
		aria: { enabled: true, decal: { show: true }, label: { description: `${row.indicator}逐月走势，数字见旁边的表。` } },
		textStyle: { fontFamily: token("--sans"), color: token("--ink") },
		grid: { left: 60, right: 20, top: 40, bottom: 40 },
		legend: { top: 0, textStyle: { color: token("--ink") } },
		tooltip: {
			trigger: "axis", renderMode: "richText", confine: true,
			formatter: (items) => {
				const p = row.points[items[0].dataIndex];
				return [p.month, `累计完成 ${p.done.toLocaleString("zh-CN")}${row.unit}`, ...p.percent === null ? [] : [`占目标 ${p.percent}%`], ...p.pace === null ? [] : [`进度安排 ${p.pace}%`], `报过数的单位 ${p.reported}个`].join("\n");
			},
		},
		xAxis: { type: "category", data: points.map((p) => p.label), axisLabel: { color: token("--soft") } },
		yAxis: { type: "value", axisLabel: { color: token("--soft"), formatter: share ? "{value}%" : "{value}" }, splitLine: { lineStyle: { color: token("--line") } } },
		series: [
			line("累计完成", points.map((p) => p.done), { symbolSize: 8, lineStyle: { width: 3 }, color: token("--accent") }),
			...share ? [line("进度安排", points.map((p) => p.pace), { symbol: "none", lineStyle: { type: "dashed" }, color: token("--soft") })] : [],
		],
	});
	new ResizeObserver(() => chart.resize()).observe(box);
}
