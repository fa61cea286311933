/*
 * The actions that move files: ftp, smb, sftp.
 */
#include "scenario/action_curl.h"
#include "scenario/values.h"

#include <string.h>

#define HOST_KEY_DIGITS 43 /* 32 bytes in base64 without padding */
#define HOST_KEY_PREFIX "SHA256:"

struct in_files {
	struct in_common common;
	struct text download, list, delete_, share, host_key;
	struct in_upload upload;
};

#define FILES_DOWNLOAD(presence)                                                                   \
	{                                                                                          \
		"download", KIND_TEXT, presence, offsetof(struct in_files, download), 1,           \
		    LINE_MAX_BYTES, NULL                                                           \
	}
#define FILES_UPLOAD(presence)                                                                     \
	{                                                                                          \
		"upload", KIND_RECORD, presence, offsetof(struct in_files, upload), 0, 0,          \
		    &upload_record                                                                 \
	}
#define FILES_LIST_DELETE                                                                          \
	{"list", KIND_TEXT, AT_MOST_ONE, offsetof(struct in_files, list), 1, LINE_MAX_BYTES,       \
	    NULL},                                                                                 \
	{                                                                                          \
		"delete", KIND_TEXT, AT_MOST_ONE, offsetof(struct in_files, delete_), 1,           \
		    LINE_MAX_BYTES, NULL                                                           \
	}

static const struct field ftp_fields[] = {
    COMMON_LOGIN(struct in_files),
    FILES_DOWNLOAD(AT_MOST_ONE),
    FILES_UPLOAD(AT_MOST_ONE),
    FILES_LIST_DELETE,
    COMMON_PORT(struct in_files),
    COMMON_TLS(struct in_files),
    COMMON_FAILS(struct in_files),
};
static const struct record ftp_record = RECORD(struct in_files, "an ftp action", ftp_fields);

static const struct field smb_fields[] = {
    {"login", KIND_RECORD, REQUIRED, offsetof(struct in_files, common.login), 0, 0, &login_record},
    {"share", KIND_TEXT, REQUIRED, offsetof(struct in_files, share), 1, LINE_MAX_BYTES, NULL},
    FILES_DOWNLOAD(ONE_OF),
    FILES_UPLOAD(ONE_OF),
    COMMON_PORT(struct in_files),
    COMMON_FAILS(struct in_files),
};
static const struct record smb_record = RECORD(struct in_files, "an smb action", smb_fields);

static const struct field sftp_fields[] = {
    {"login", KIND_RECORD, REQUIRED, offsetof(struct in_files, common.login), 0, 0,
	&key_login_record},
    {"host_key", KIND_TEXT, OPTIONAL, offsetof(struct in_files, host_key), 1, 64, NULL},
    FILES_DOWNLOAD(AT_MOST_ONE),
    FILES_UPLOAD(AT_MOST_ONE),
    FILES_LIST_DELETE,
    COMMON_PORT(struct in_files),
    COMMON_FAILS(struct in_files),
};
static const struct record sftp_record = RECORD(struct in_files, "an sftp action", sftp_fields);

/* As ssh-keygen -l writes it; libcurl wants it without the name of the hash. */
static void
host_key_write(struct section *s, const struct text *key)
{
	const char *digits = key->s + strlen(HOST_KEY_PREFIX);

	if (strncmp(key->s, HOST_KEY_PREFIX, strlen(HOST_KEY_PREFIX)) != 0 ||
	    strlen(digits) != HOST_KEY_DIGITS ||
	    strspn(digits, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") !=
		HOST_KEY_DIGITS) {
		mistake_add(s->r->mistakes, key->at,
		    "host_key: %s is no fingerprint; write it as ssh-keygen -l does, "
		    "SHA256: and %d characters",
		    quoted(s->r->mistakes, key->s), HOST_KEY_DIGITS);
		return;
	}
	jw_kv_str(s->w, "host_key", digits);
}

static void
files_write(struct section *s, const struct in_files *in, bool with_tls)
{
	common_compile(s, &in->common, with_tls);
	template_write(s, "download", &in->download);
	template_write(s, "list", &in->list);
	template_write(s, "delete", &in->delete_);
	template_write(s, "share", &in->share);
	if (in->host_key.s != NULL)
		host_key_write(s, &in->host_key);
	if (in->upload.at.line != 0)
		upload_compile(s, &in->upload);
}

static void
files_compile(struct section *s, yaml_node_t *node, const char *name, const struct record *record,
    bool with_tls)
{
	struct in_files in = {.common = {.at = {0, 0}}};

	if (!record_read(s->r, node, record, &in))
		return;
	jw_key(s->w, name);
	jw_object(s->w);
	files_write(s, &in, with_tls);
	jw_object_end(s->w);
}

void
compile_ftp(struct section *s, yaml_node_t *node)
{
	files_compile(s, node, "ftp", &ftp_record, true);
}

void
compile_smb(struct section *s, yaml_node_t *node)
{
	files_compile(s, node, "smb", &smb_record, false);
}

void
compile_sftp(struct section *s, yaml_node_t *node)
{
	files_compile(s, node, "sftp", &sftp_record, false);
}
