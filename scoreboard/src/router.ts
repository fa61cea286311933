import { createRouter, createWebHistory } from 'vue-router'
import BoardView from './views/BoardView.vue'

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: '/', name: 'board', component: BoardView },
    { path: '/login', name: 'login', component: () => import('./views/LoginView.vue') },
    { path: '/:rest(.*)*', redirect: '/' },
  ],
})
