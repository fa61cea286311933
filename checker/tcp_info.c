#include "checker/tcp_info.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#define STATE_CLOSE 7 /* the kernel's TCP_CLOSE, which its header for programs does not name */

void
tcp_info_read(int fd, uint64_t *received, bool *reset)
{
	struct tcp_info info = {0};
	socklen_t len = sizeof info;

	*received = 0;
	*reset = false;
	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) != 0)
		return;
	*received = info.tcpi_bytes_received;
	*reset = info.tcpi_state == STATE_CLOSE; /* a peer that closes leaves CLOSE_WAIT */
}
