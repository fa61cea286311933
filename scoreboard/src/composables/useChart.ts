// Owns one ECharts instance: made with its element, resized with it, disposed with it.
import { LineChart, type LineSeriesOption } from 'echarts/charts'
import { AriaComponent, GridComponent, TooltipComponent, type AriaComponentOption, type GridComponentOption, type TooltipComponentOption } from 'echarts/components'
import { type ComposeOption, type EChartsType, init, use } from 'echarts/core'
import { LabelLayout } from 'echarts/features'
import { CanvasRenderer } from 'echarts/renderers'
import { onBeforeUnmount, onMounted, type Ref, watch } from 'vue'

use([LineChart, GridComponent, TooltipComponent, AriaComponent, LabelLayout, CanvasRenderer])

export type ChartOption = ComposeOption<LineSeriesOption | GridComponentOption | TooltipComponentOption | AriaComponentOption>

export function useChart(element: Ref<HTMLElement | null>, option: Ref<ChartOption>): void {
  let chart: EChartsType | null = null
  let observer: ResizeObserver | null = null

  onMounted(() => {
    if (!element.value) return
    chart = init(element.value, undefined, { renderer: 'canvas' })
    chart.setOption(option.value)
    observer = new ResizeObserver(() => chart?.resize())
    observer.observe(element.value)
  })
  // The set of lines changes with the ranking: those that left must go.
  watch(option, (next) => chart?.setOption(next, { replaceMerge: ['series'] }))
  onBeforeUnmount(() => {
    observer?.disconnect()
    chart?.dispose()
  })
}
