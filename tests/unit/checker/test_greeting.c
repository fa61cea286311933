/* Greetings byte by byte: the same facts however the bytes arrive, and a clear sentence for what is none. */
#include "checker/greeting.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct talk {
	struct buf in, send, facts;
	struct greeting g;
	size_t at;
};

static void
begin(struct talk *t)
{
	memset(t, 0, sizeof *t);
	buf_init(&t->in, GREETING_MAX_BYTES);
	buf_init(&t->send, 4096);
	buf_init(&t->facts, FACTS_MAX_BYTES);
	t->g = (struct greeting){
	    .user = "drill", .database = "drill", .send = &t->send, .facts = &t->facts};
}

static void
end(struct talk *t)
{
	buf_free(&t->in);
	buf_free(&t->send);
	buf_free(&t->facts);
}

/* The bytes in pieces of that size; stops at the first end. */
static enum greeting_next
hear(struct talk *t, const char *kind, const void *bytes, size_t len, size_t piece)
{
	const struct greeting_kind *k = greeting_find(kind);
	enum greeting_next next = greeting_run(k, &t->g, &t->in, &t->at);

	for (size_t i = 0; i < len && (next == GREETING_MORE || next == GREETING_SECURE);
	     i += piece) {
		buf_put(&t->in, (const char *)bytes + i, len - i < piece ? len - i : piece);
		next = greeting_run(k, &t->g, &t->in, &t->at);
	}
	return next;
}

static void
understood(const char *kind, const void *bytes, size_t len, const char *facts)
{
	for (size_t piece = 1; piece <= len; piece += piece < 8 ? 1 : len - 8 + 1) {
		struct talk t;

		begin(&t);
		if (hear(&t, kind, bytes, len, piece) != GREETING_DONE)
			fail_msg("%s: not understood: %s", kind, t.g.why.text);
		assert_string_equal(t.facts.data, facts);
		end(&t);
	}
	for (size_t n = 0; n < len; n++) { /* cut short, it is not whole */
		struct talk t;

		begin(&t);
		assert_int_equal(hear(&t, kind, bytes, n, n + 1), GREETING_MORE);
		end(&t);
	}
}

static void
wrong(const char *kind, const void *bytes, size_t len, const char *said)
{
	struct talk t;

	begin(&t);
	assert_int_equal(hear(&t, kind, bytes, len, len), GREETING_WRONG);
	assert_string_equal(t.g.why.text, said);
	end(&t);
}

#define UNDERSTOOD(kind, bytes, facts) understood(kind, bytes, sizeof(bytes) - 1, facts)
#define WRONG(kind, bytes, said) wrong(kind, bytes, sizeof(bytes) - 1, said)

#define MYSQL_FIXED                                                                                \
	"\1\0\0\0AAAAAAAA\0\xff\xff\x2d\2\0\xff\xdf\x15\0\0\0\0\0\0\0\0\0\0"                       \
	"BBBBBBBBBBBB\0"

static void
test_mysql(void **state)
{
	(void)state;
	UNDERSTOOD("mysql",
	    "\x4a\0\0\0\x0a"
	    "8.0.36\0" MYSQL_FIXED "caching_sha2_password\0",
	    "protocol=10\nversion=8.0.36\ntls=yes\nauth=caching_sha2_password\n");
	UNDERSTOOD("mysql", "\x16\0\0\0\xff\x10\x04#08004Too many conn",
	    "error=1040\nmessage=Too many conn\n");
	UNDERSTOOD("mysql", "\x0a\0\0\0\xff\x6a\x04not you", "error=1130\nmessage=not you\n");
	WRONG("mysql", "SSH-2.0-x\r\n", "not the greeting of a MySQL server");
	WRONG("mysql", "\0\0\0\0", "not the greeting of a MySQL server");
	WRONG("mysql", "\x01\0\0\x01\x0a", "not the greeting of a MySQL server");
	WRONG("mysql", "\x01\0\0\0\x09", "not the greeting of a MySQL server");
	WRONG("mysql",
	    "\x05\0\0\0\x0a"
	    "8.0\0",
	    "the greeting of the MySQL server is too short");
	WRONG("mysql",
	    "\x03\0\0\0\x0a"
	    "80",
	    "the greeting of the MySQL server is too short");
	WRONG("mysql", "\x01\0\0\0\xff", "not the greeting of a MySQL server");
}

static void
test_postgresql(void **state)
{
	static const char startup[] =
	    "\0\0\0\x08\x04\xd2\x16\x2f\0\0\0\x23\0\3\0\0user\0drill\0database\0drill\0";
	struct talk t;

	(void)state;
	UNDERSTOOD("postgresql", "NR\0\0\0\x17\0\0\0\x0aSCRAM-SHA-256\0\0",
	    "tls=no\nauth=sasl\nmechanisms=SCRAM-SHA-256\n");
	UNDERSTOOD("postgresql", "NR\0\0\0\x08\0\0\0\0", "tls=no\nauth=none\n");
	UNDERSTOOD("postgresql", "NR\0\0\0\x0c\0\0\0\5salt", "tls=no\nauth=md5\n");
	UNDERSTOOD("postgresql", "NR\0\0\0\x08\0\0\0\x63", "tls=no\nauth=99\n");
	UNDERSTOOD("postgresql", "Nv\0\0\0\x0c\0\3\0\0\0\0\0\0R\0\0\0\x08\0\0\0\3",
	    "tls=no\nauth=password\n");
	UNDERSTOOD(
	    "postgresql", "NE\0\0\0\x16SFATAL\0C28000\0Mno\0", "tls=no\nerror=28000\nmessage=no\n");
	UNDERSTOOD("postgresql", "E\0\0\0\x0bMno\npe\0", "message=no pe\n");
	WRONG("postgresql", "HTTP/1.1 400", "not the answer of a PostgreSQL server");
	WRONG("postgresql", "NX\0\0\0\x08", "not the answer of a PostgreSQL server");
	WRONG("postgresql", "NR\0\0\0\x03", "not the answer of a PostgreSQL server");
	WRONG("postgresql", "NR\0\1\0\0", "not the answer of a PostgreSQL server");
	WRONG("postgresql", "NR\0\0\0\x06\0\0", "not the answer of a PostgreSQL server");
	begin(&t);
	assert_int_equal(hear(&t, "postgresql", "S", 1, 1), GREETING_SECURE);
	assert_int_equal(hear(&t, "postgresql", "", 0, 1), GREETING_MORE);
	assert_int_equal(t.send.len, sizeof startup);
	assert_memory_equal(t.send.data, startup, sizeof startup);
	end(&t);
}

static void
test_rdp(void **state)
{
	(void)state;
	UNDERSTOOD(
	    "rdp", "\3\0\0\x13\x0e\xd0\0\0\x12\x34\0\2\0\x08\0\2\0\0\0", "protocol=nla\nnla=yes\n");
	UNDERSTOOD(
	    "rdp", "\3\0\0\x13\x0e\xd0\0\0\x12\x34\0\2\0\x08\0\1\0\0\0", "protocol=tls\nnla=no\n");
	UNDERSTOOD("rdp", "\3\0\0\x0b\6\xd0\0\0\x12\x34\0", "protocol=rdp\nnla=no\n");
	UNDERSTOOD("rdp", "\3\0\0\x13\x0e\xd0\0\0\x12\x34\0\3\0\x08\0\5\0\0\0",
	    "error=5\nmessage=nla required\n");
	WRONG("rdp", "\3\0\0\x13\x0e\x80\0\0\x12\x34\0\2\0\x08\0\2\0\0\0",
	    "the RDP server refuses the connection");
	WRONG("rdp", "\3\0\0\x13\x0e\xd0\0\0\x12\x34\0\7\0\x08\0\2\0\0\0",
	    "the answer of the RDP server is malformed");
	WRONG(
	    "rdp", "\3\0\0\x0c\6\xd0\0\0\x12\x34\0\2", "the answer of the RDP server is malformed");
	WRONG("rdp", "\3\0\0\x0a", "not the answer of an RDP server");
	WRONG("rdp", "\3\0\3\0", "not the answer of an RDP server");
	WRONG("rdp", "SSH-", "not the answer of an RDP server");
}

static void
test_vnc(void **state)
{
	(void)state;
	UNDERSTOOD("vnc", "RFB 003.008\n\3\1\2\x63", "version=3.8\nsecurity=none,vnc,99\n");
	UNDERSTOOD("vnc", "RFB 003.889\n\1\x1e", "version=3.889\nsecurity=ard\n");
	UNDERSTOOD("vnc", "RFB 003.003\n\0\0\0\2", "version=3.3\nsecurity=vnc\n");
	UNDERSTOOD("vnc", "RFB 003.005\n\0\0\0\1", "version=3.5\nsecurity=none\n");
	UNDERSTOOD("vnc", "RFB 003.007\n\0\0\0\0\2no", "version=3.7\nerror=refused\nmessage=no\n");
	UNDERSTOOD(
	    "vnc", "RFB 003.003\n\0\0\0\0\0\0\0\2no", "version=3.3\nerror=refused\nmessage=no\n");
	WRONG("vnc", "RFB 003.0x8\n", "not the greeting of a VNC server");
	WRONG("vnc", "SSH-", "not the greeting of a VNC server");
	WRONG("vnc", "RFB 003.003\n\0\0\1\0", "the greeting of the VNC server is malformed");
	WRONG("vnc", "RFB 003.008\n\0\0\1\0\0", "the greeting of the VNC server is malformed");
}

#define KEXINIT                                                                                    \
	"\0\0\0\x52\5\x14"                                                                         \
	"0123456789abcdef"                                                                         \
	"\0\0\0\1k\0\0\0\1h\0\0\0\1c\0\0\0\1d\0\0\0\1m\0\0\0\1n\0\0\0\4none\0\0\0\4none"           \
	"\0\0\0\0\0\0\0\0"                                                                         \
	"\0\0\0\0\0"                                                                               \
	"PPPPP"

static void
test_ssh(void **state)
{
	char lines[9000];

	(void)state;
	UNDERSTOOD("ssh", "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n" KEXINIT,
	    "version=2.0\nsoftware=OpenSSH_9.2p1\ncomment=Debian-2\nkex=k\nhost_key=h\ncipher=c\n"
	    "mac=m\ncompression=none\n");
	UNDERSTOOD("ssh", "hello\nthere\r\nSSH-1.99-x\n" KEXINIT,
	    "version=1.99\nsoftware=x\nkex=k\nhost_key=h\ncipher=c\nmac=m\ncompression=none\n");
	WRONG("ssh", "SSH-2.0\n", "the identification of the SSH server is malformed");
	WRONG("ssh", "SSH-2.0-x\n\0\0\0\x11\4", "the key exchange of the SSH server is malformed");
	WRONG("ssh", "SSH-2.0-x\n\0\1\0\0\4", "the key exchange of the SSH server is malformed");
	WRONG("ssh",
	    "SSH-2.0-x\n\0\0\0\x14\4\x15"
	    "0123456789abcdefxx",
	    "the key exchange of the SSH server is malformed");
	WRONG("ssh",
	    "SSH-2.0-x\n\0\0\0\x18\0\x14"
	    "0123456789abcdef\0\0\1\0xx",
	    "the key exchange of the SSH server is malformed");
	memset(lines, 'x', sizeof lines);
	wrong("ssh", lines, sizeof lines, "not the greeting of an SSH server");
	memset(lines, '\n', sizeof lines);
	wrong("ssh", lines, sizeof lines, "not the greeting of an SSH server");
	memcpy(lines, "SSH-2.0-", 8);
	memset(lines + 8, 'y', 400);
	wrong("ssh", lines, 500, "the identification of the SSH server is too long");
}

/* A value cannot make a line of its own, and a long one is cut. */
static void
test_facts(void **state)
{
	char value[2 * FACT_MAX_BYTES];
	struct talk t;

	(void)state;
	begin(&t);
	fact_put(&t.g, "a", "x\ny=1\r\0\xff", 8);
	assert_string_equal(t.facts.data, "a=x y=1  ?\n");
	buf_reset(&t.facts);
	memset(value, 'v', sizeof value);
	fact_put(&t.g, "b", value, sizeof value);
	assert_int_equal(t.facts.len, 2 + FACT_MAX_BYTES + 1);
	end(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_mysql),
	    cmocka_unit_test(test_postgresql),
	    cmocka_unit_test(test_rdp),
	    cmocka_unit_test(test_vnc),
	    cmocka_unit_test(test_ssh),
	    cmocka_unit_test(test_facts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
