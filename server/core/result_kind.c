#include "core/result_kind.h"

#include <string.h>

#define HUNDREDTHS_RAISED 140 /* x 1.4 */

static const struct result_kind kinds[] = {
    {"account", {"普通账号", "Ordinary account"}, 30, 0, MEASURE_NONE, 0, 150},
    {"web-admin", {"网站管理员权限", "Web administrator"}, 100, 0, MEASURE_NONE, 0, 400},
    {"server", {"服务器或数据库权限", "Server or database"}, 100, 0, MEASURE_NONE, 0, 500},
    {"sso", {"统一身份认证", "Single sign-on"}, 300, 50, MEASURE_SYSTEMS, 1000, 500},
    {"control", {"域控、堡垒机或云管平台", "Domain controller, bastion host or cloud console"}, 200,
	10, MEASURE_HOSTS, 100000, 500},
    {"network-device", {"网络设备", "Network equipment"}, 100, 0, MEASURE_NONE, 0, 300},
    {"mail-admin", {"邮件系统管理员权限", "Mail administrator"}, 200, 0, MEASURE_NONE, 0, 200},
    {"terminal", {"终端", "Terminal"}, 10, 0, MEASURE_NONE, 0, 100},
    {"boundary", {"突破边界", "Boundary crossed"}, 200, 0, MEASURE_NONE, 0, 0},
    {"isolated-network", {"到达隔离网络", "Isolated network reached"}, 400, 0, MEASURE_NONE, 0, 0},
    {"target", {"指定靶标", "Designated target"}, 500, 0, MEASURE_NONE, 0, 0},
    {"personal-data", {"个人信息", "Personal data"}, 0, 0, MEASURE_RECORDS, 1000000000, 0},
    {"tampering", {"大屏或网页篡改", "LED screen or web page tampered with"}, 200, 0, MEASURE_NONE,
	0, 0},
    {"malware", {"勒索软件或挖矿程序运行", "Ransomware or miner running"}, 200, 0, MEASURE_NONE, 0,
	0},
};

static const struct result_volume volumes[] = {{1, 100}, {1000, 300}, {10000, 600}};

#define KINDS (sizeof kinds / sizeof kinds[0])
#define VOLUMES (sizeof volumes / sizeof volumes[0])

const struct result_kind *
result_kind_find(const char *id)
{
	for (size_t i = 0; i < KINDS; i++)
		if (strcmp(kinds[i].id, id) == 0)
			return &kinds[i];
	return NULL;
}

const struct result_kind *
result_kind_at(size_t i)
{
	return i < KINDS ? &kinds[i] : NULL;
}

const struct result_volume *
result_volume_at(size_t i)
{
	return i < VOLUMES ? &volumes[i] : NULL;
}

const char *
result_measure_name(enum result_measure m)
{
	static const char *const names[MEASURE_COUNT] = {"none", "systems", "hosts", "records"};

	return (unsigned)m < MEASURE_COUNT ? names[m] : "?";
}

static int32_t
volume_size(int32_t count)
{
	int32_t size = 0;

	for (size_t i = 0; i < VOLUMES; i++)
		if (count >= volumes[i].from)
			size = volumes[i].size;
	return size;
}

int32_t
result_kind_size(const struct result_kind *k, int32_t count, bool raised)
{
	int32_t size =
	    k->measure == MEASURE_RECORDS ? volume_size(count) : k->base + k->each * count;

	return raised ? (int32_t)((int64_t)size * HUNDREDTHS_RAISED / 100) : size;
}

int
result_repeat_percent(int32_t position)
{
	static const int percents[] = {100, 70, 40};

	return position >= 1 && (size_t)position <= sizeof percents / sizeof percents[0]
		   ? percents[position - 1]
		   : 0;
}
