import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

// The page is served by drilld itself under a Content-Security-Policy without inline code, inline styles or eval.
export default defineConfig({
  base: '/',
  plugins: [vue()],
  define: {
    // Messages are compiled to a tree that is walked, not to a function made with `new Function`.
    __INTLIFY_JIT_COMPILATION__: true,
    __INTLIFY_PROD_DEVTOOLS__: false,
    __VUE_I18N_LEGACY_API__: false,
    __VUE_I18N_FULL_INSTALL__: false,
    __VUE_OPTIONS_API__: true,
    __VUE_PROD_DEVTOOLS__: false,
  },
  build: {
    outDir: '../build/web',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
    rollupOptions: {
      output: {
        // What changes seldom is cached apart from the page itself.
        manualChunks: (id) => (/node_modules\/(echarts|zrender)\//.test(id) ? 'charts' : undefined),
      },
    },
  },
  server: {
    // `npm run mock` (or a drilld) beside `npm run dev`.
    proxy: { '/api': { target: 'http://127.0.0.1:8700', ws: true } },
  },
})
