#include "checker/action.h"

#include <string.h>

static const struct action *const actions[] = {
    &action_http,
    &action_tcp,
    &action_tls,
    &action_dns,
    &action_icmp,
    &action_mysql,
    &action_postgresql,
    &action_rdp,
    &action_ssh,
    &action_vnc,
    &action_ftp,
    &action_smb,
    &action_sftp,
    &action_smtp,
    &action_imap,
    &action_pop3,
    &action_ldap,
    &action_mqtt,
    &action_telnet,
};

const struct action *
action_nth(size_t n)
{
	return n < sizeof actions / sizeof actions[0] ? actions[n] : NULL;
}

const struct action *
action_find(const char *name)
{
	for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++)
		if (strcmp(actions[i]->name, name) == 0)
			return actions[i];
	return NULL;
}

const struct sockaddr *
exchange_address(const struct exchange *x, struct sockaddr_storage *out, socklen_t *len)
{
	uint16_t port = htons((uint16_t)x->port);

	*out = *x->address;
	if (out->ss_family == AF_INET6) {
		((struct sockaddr_in6 *)out)->sin6_port = port;
		*len = sizeof(struct sockaddr_in6);
	} else {
		((struct sockaddr_in *)out)->sin_port = port;
		*len = sizeof(struct sockaddr_in);
	}
	return (const struct sockaddr *)out;
}
