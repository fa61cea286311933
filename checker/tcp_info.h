/* What the kernel knows of a TCP connection. Apart, because <linux/tcp.h> and libuv's headers exclude each other. */
#ifndef DRILLD_CHECKER_TCP_INFO_H
#define DRILLD_CHECKER_TCP_INFO_H

#include <stdbool.h>
#include <stdint.h>

struct tcp_facts {
	uint64_t received; /* bytes that have come */
	bool reset;        /* it is gone, not closed by the peer */
	bool ended;        /* the peer has closed, and all that came was read */
};

/* All zero where nothing is known. */
struct tcp_facts tcp_info_read(int fd);

#endif
