// An element's inner size and the page's rem, in pixels, kept true by a ResizeObserver.
import { onBeforeUnmount, onMounted, reactive, type Ref } from 'vue'

export function useSize(element: Ref<HTMLElement | null>): { width: number; height: number; rem: number } {
  const size = reactive({ width: 0, height: 0, rem: 16 })
  let observer: ResizeObserver | null = null

  function measure(): void {
    size.width = element.value?.clientWidth ?? 0
    size.height = element.value?.clientHeight ?? 0
    size.rem = parseFloat(getComputedStyle(document.documentElement).fontSize) || 16
  }
  onMounted(() => {
    measure()
    observer = new ResizeObserver(measure)
    if (element.value) observer.observe(element.value)
  })
  onBeforeUnmount(() => observer?.disconnect())
  return size
}
