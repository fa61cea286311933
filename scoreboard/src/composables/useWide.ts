// Whether the page fills one screen (wall, desk) or scrolls (phone, narrow window). Mirrors base.css.
import { onScopeDispose, ref, type Ref } from 'vue'

export const WIDE = '(min-width: 1100px) and (min-height: 600px)'

export function useWide(): Ref<boolean> {
  const query = matchMedia(WIDE)
  const wide = ref(query.matches)
  const listen = (): void => {
    wide.value = query.matches
  }
  query.addEventListener('change', listen)
  onScopeDispose(() => query.removeEventListener('change', listen))
  return wide
}
