// A wall display has nobody to scroll it: what does not fit is shown page after page, and rests under a pointer.
import { computed, onScopeDispose, ref, type Ref, watch } from 'vue'

const PAGE_MS = 12_000

export function usePages<T>(items: Ref<readonly T[]>, perPage: Ref<number>) {
  const page = ref(0)
  const held = ref(false)
  const pages = computed(() => Math.max(1, Math.ceil(items.value.length / Math.max(1, perPage.value))))
  const shown = computed(() => {
    const size = Math.max(1, perPage.value)
    return items.value.slice(page.value * size, (page.value + 1) * size)
  })
  watch(pages, (n) => (page.value = Math.min(page.value, n - 1)))
  const timer = setInterval(() => {
    if (!held.value && pages.value > 1) page.value = (page.value + 1) % pages.value
  }, PAGE_MS)
  onScopeDispose(() => clearInterval(timer))
  return { page, pages, shown, held }
}
