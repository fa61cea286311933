#include "checker/tcp_info.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

/* The kernel's TCP_CLOSE and TCP_CLOSE_WAIT, which its header for programs does not name. */
#define STATE_CLOSE 7
#define STATE_CLOSE_WAIT 8

struct tcp_facts
tcp_info_read(int fd)
{
	struct tcp_facts out = {0};
	struct tcp_info info = {0};
	socklen_t len = sizeof info;
	int unread = 0;

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) != 0)
		return out;
	out.received = info.tcpi_bytes_received;
	out.reset = info.tcpi_state == STATE_CLOSE;
	out.ended =
	    info.tcpi_state == STATE_CLOSE_WAIT && ioctl(fd, FIONREAD, &unread) == 0 && unread == 0;
	return out;
}
