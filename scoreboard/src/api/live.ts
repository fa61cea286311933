// The live connection: board by REST once, then deltas by WebSocket for ever, resumed after every break.
//
// A WebSocket that never opened tells a browser nothing about why, so after a failed handshake the board is
// asked for again: that shows a sign-in that has run out, and brings a server that was replaced into view.
import { ApiError } from './http'
import type { Board, LiveFrame } from './types'

export type LiveState = 'connecting' | 'live' | 'reconnecting' | 'denied'

export interface LiveHost {
  fetchBoard(): Promise<Board>
  /** A whole board: replaces everything. */
  onBoard(board: Board): void
  onFrame(frame: LiveFrame): void
  onState(state: LiveState): void
  /** The last sequence number seen. */
  since(): number
}

const BACKOFF_MIN_MS = 500
const BACKOFF_MAX_MS = 10_000

/** How long to wait before attempt n (0, 1, ...): spread, so that a restarted server is not met by all at once. */
export function backoffMs(attempt: number, random: number): number {
  const top = Math.min(BACKOFF_MAX_MS, 2 * BACKOFF_MIN_MS * 2 ** Math.min(attempt, 10))
  return BACKOFF_MIN_MS + random * (top - BACKOFF_MIN_MS)
}

export class LiveConnection {
  private readonly host: LiveHost
  private readonly url: string
  private socket: WebSocket | null = null
  private timer: ReturnType<typeof setTimeout> | undefined
  private attempt = 0
  private haveBoard = false
  private stopped = true

  constructor(host: LiveHost, url: string) {
    this.host = host
    this.url = url
  }

  start(): void {
    this.stopped = false
    this.host.onState('connecting')
    void this.connect()
  }

  stop(): void {
    this.stopped = true
    clearTimeout(this.timer)
    this.dropSocket()
  }

  /** The line is thought dead though nobody closed it: connect anew at once. */
  restart(): void {
    if (this.stopped) return
    this.attempt = 0
    clearTimeout(this.timer)
    this.dropSocket()
    this.host.onState('reconnecting')
    void this.connect()
  }

  private async connect(): Promise<void> {
    if (!this.haveBoard && !(await this.loadBoard())) return
    if (!this.stopped && this.socket === null) this.openSocket()
  }

  private async loadBoard(): Promise<boolean> {
    try {
      const board = await this.host.fetchBoard()
      if (this.stopped) return false
      this.host.onBoard(board)
      this.haveBoard = true
      return true
    } catch (cause) {
      if (this.stopped) return false
      if (cause instanceof ApiError && (cause.status === 401 || cause.status === 403)) {
        this.stop()
        this.host.onState('denied')
      } else {
        this.retryLater()
      }
      return false
    }
  }

  private openSocket(): void {
    const socket = new WebSocket(`${this.url}?since=${this.host.since()}`)
    let opened = false
    this.socket = socket
    socket.onopen = () => {
      opened = true
      this.host.onState('live')
    }
    socket.onmessage = (event) => this.receive(event.data)
    socket.onclose = () => {
      this.socket = null
      this.haveBoard = this.haveBoard && opened
      this.retryLater()
    }
  }

  private receive(data: unknown): void {
    try {
      this.host.onFrame(JSON.parse(String(data)) as LiveFrame)
      this.attempt = 0
    } catch (cause) {
      // Not a frame we can use: what we hold may have a gap now, so begin with a fresh board.
      console.error('live frame', cause)
      this.haveBoard = false
      this.dropSocket()
      this.retryLater()
    }
  }

  private retryLater(): void {
    this.host.onState('reconnecting')
    clearTimeout(this.timer)
    this.timer = setTimeout(() => void this.connect(), backoffMs(this.attempt++, Math.random()))
  }

  private dropSocket(): void {
    const socket = this.socket
    if (!socket) return
    this.socket = null
    socket.onopen = socket.onmessage = socket.onclose = null
    socket.close()
  }
}
