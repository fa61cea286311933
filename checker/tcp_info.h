/* What the kernel knows of a TCP connection. Apart, because <linux/tcp.h> and libuv's headers exclude each other. */
#ifndef DRILLD_CHECKER_TCP_INFO_H
#define DRILLD_CHECKER_TCP_INFO_H

#include <stdbool.h>
#include <stdint.h>

/* received: the bytes that have come on it. reset: it is gone, not closed by the peer. 0 and false where unknown. */
void tcp_info_read(int fd, uint64_t *received, bool *reset);

#endif
