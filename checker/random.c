#include "checker/random.h"
#include "base/hash.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	size_t length;
} random_kinds[RANDOM_COUNT] = {
    [RANDOM_NAME] = {"name", 0},
    [RANDOM_TEXT] = {"text", 16},
    [RANDOM_HEX] = {"hex", 16},
    [RANDOM_NUMBER] = {"number", 6},
    [RANDOM_CHOICE] = {"choice", 0},
    [RANDOM_UUID] = {"uuid", 0},
    [RANDOM_PHRASE] = {"phrase", 0},
    [RANDOM_EMAIL] = {"email", 0},
    [RANDOM_PHONE] = {"phone", 0},
};

bool
random_kind_parse(const char *text, enum random_kind *out)
{
	for (size_t i = 0; i < RANDOM_COUNT; i++) {
		if (strcmp(random_kinds[i].name, text) == 0) {
			*out = (enum random_kind)i;
			return true;
		}
	}
	return false;
}

size_t
random_default_length(enum random_kind kind)
{
	return random_kinds[kind].length;
}

/* ---- the stream ---- */

/* A stream of bytes that the seed and the name determine. */
struct stream {
	const char *seed;
	const char *name;
	uint32_t counter;
	uint8_t block[SHA256_BYTES];
	size_t used;
};

static uint8_t
stream_byte(struct stream *s)
{
	char text[RANDOM_LENGTH_MAX];
	int n;

	if (s->used == sizeof s->block) {
		n = snprintf(text, sizeof text, "%s%c%s%c%u", s->seed, 0, s->name, 0, s->counter++);
		sha256(text, (size_t)n, s->block);
		s->used = 0;
	}
	return s->block[s->used++];
}

/* Even over [0, n), n at most 256: bytes past the last whole multiple are drawn again. */
static unsigned
stream_below(struct stream *s, unsigned n)
{
	unsigned limit = 256 / n * n, b;

	do
		b = stream_byte(s);
	while (b >= limit);
	return b % n;
}

/* The same for large n, from eight bytes. */
static uint64_t
stream_below_wide(struct stream *s, uint64_t n)
{
	uint64_t limit = UINT64_MAX / n * n, v;

	do {
		v = 0;
		for (int i = 0; i < 8; i++)
			v = v << 8 | stream_byte(s);
	} while (v >= limit);
	return v % n;
}

/* ---- kinds ---- */

static const char *
random_name(struct arena *arena, struct stream *s)
{
	static const char *const family[] = {"li", "wang", "zhang", "liu", "chen", "yang", "zhao",
	    "huang", "zhou", "wu", "xu", "sun", "hu", "zhu", "gao", "lin", "he", "guo", "ma", "luo",
	    "liang", "song", "zheng", "xie", "han", "tang", "feng", "yu", "dong", "xiao", "cheng",
	    "cao"};
	static const char *const given[] = {"wei", "fang", "na", "min", "jing", "qiang", "lei",
	    "jun", "yang", "yong", "yan", "jie", "juan", "tao", "ming", "chao", "xiu", "xia",
	    "ping", "gang", "gui", "ying", "hua", "yu", "ling", "bin", "bo", "hui", "xin", "hong",
	    "jian", "kai"};
	const char *a = family[stream_below(s, 32)], *b = given[stream_below(s, 32)],
		   *c = given[stream_below(s, 32)];
	char text[40];
	unsigned digits = stream_below(s, 100) * 100;

	digits += stream_below(s, 100);
	snprintf(text, sizeof text, "%s%s%s%04u", a, b, c, digits);
	return arena_strdup(arena, text);
}

static const char *
random_text(struct arena *arena, struct stream *s, const struct random_var *v)
{
	static const char alphabet[] =
	    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	static const unsigned sizes[] = {
	    [RANDOM_TEXT] = 62, [RANDOM_HEX] = 16, [RANDOM_NUMBER] = 10};
	char *out = arena_alloc(arena, v->length + 1);

	for (size_t i = 0; i < v->length; i++)
		out[i] = alphabet[stream_below(s, sizes[v->kind])];
	if (v->kind == RANDOM_NUMBER)
		out[0] = (char)('1' + stream_below(s, 9));
	return out;
}

static const char *
random_in_range(struct arena *arena, struct stream *s, const struct random_var *v)
{
	char text[24];
	uint64_t n = stream_below_wide(s, (uint64_t)(v->max - v->min) + 1);

	snprintf(text, sizeof text, "%" PRId64, v->min + (int64_t)n);
	return arena_strdup(arena, text);
}

static const char *
random_uuid(struct arena *arena, struct stream *s)
{
	uint8_t b[16];
	char hex[33], text[37];

	for (size_t i = 0; i < sizeof b; i++)
		b[i] = stream_byte(s);
	b[6] = (uint8_t)((b[6] & 0x0f) | 0x40);
	b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
	hex_encode(b, sizeof b, hex);
	snprintf(text, sizeof text, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16,
	    hex + 20);
	return arena_strdup(arena, text);
}

/* When, who, does, what: each list has 16 words, so that a byte's half picks one evenly. */
static const char *
random_phrase(struct arena *arena, struct stream *s, enum random_language lang)
{
	static const char *const words[2][4][16] = {
	    [RANDOM_ZH] = {{"今天上午", "今天下午", "明天上午", "明天下午", "本周三", "本周五",
			       "下周一", "下周二", "周末", "月底前", "开学前", "放假前", "晚上八点",
			       "午休时间", "会议之后", "培训期间"},
		{"教务处", "学生处", "图书馆", "信息中心", "实验室", "后勤处", "财务处", "研究生院",
		    "学院办公室", "各班班长", "值班老师", "全体教师", "新来的同事", "三班同学",
		    "社团成员", "志愿者"},
		{"准备检查", "正在整理", "需要提交", "重新安排", "已经完成", "负责登记", "请核对",
		    "会公布", "计划更新", "继续讨论", "尽快补交", "协助收集", "打算推迟",
		    "统一领取", "再次确认", "顺便带回"},
		{"期末成绩", "会议记录", "设备清单", "课程安排", "报名名单", "教室钥匙", "体检通知",
		    "借书记录", "值班表", "项目申请", "考试座位", "活动照片", "宿舍报修单",
		    "发票和收据", "软件许可", "调查问卷"}},
	    [RANDOM_EN] = {{"This morning", "This afternoon", "Tomorrow", "On Monday", "On Tuesday",
			       "On Friday", "Next week", "Before lunch", "After the lecture",
			       "At the weekend", "By the end of the month", "Before the holidays",
			       "During the training", "At eight", "After the meeting", "Tonight"},
		{"the library", "the registry", "our lab", "the new colleague", "the duty officer",
		    "the finance office", "everyone on staff", "the second group", "the students",
		    "the help desk", "the dean's office", "the canteen", "a volunteer",
		    "the printing room", "the sports club", "the caretaker"},
		{"will check", "should return", "has to update", "is going to publish",
		    "can hand out", "must confirm", "may postpone", "will collect", "wants to see",
		    "should correct", "has to sign", "will move", "can share", "must count",
		    "will look for", "should file"},
		{"the timetable", "the meeting notes", "the exam results", "the list of devices",
		    "the keys of room 204", "the application forms", "the seating plan",
		    "the travel receipts", "the photos of the trip", "the course outline",
		    "the licence papers", "the guest list", "the repair request",
		    "the borrowed books", "the duty roster", "the questionnaire"}}};
	const char *const(*w)[16] = words[lang];
	const char *when = w[0][stream_below(s, 16)], *who = w[1][stream_below(s, 16)],
		   *does = w[2][stream_below(s, 16)], *what = w[3][stream_below(s, 16)];
	unsigned number = stream_below(s, 200) + 1;
	char text[256];

	if (lang == RANDOM_ZH)
		snprintf(text, sizeof text, "%s%s%s%s，共%u份。", when, who, does, what, number);
	else
		snprintf(
		    text, sizeof text, "%s %s %s %s, %u in all.", when, who, does, what, number);
	return arena_strdup(arena, text);
}

static const char *
random_email(struct arena *arena, struct stream *s)
{
	static const char *const domains[] = {"example.com", "example.org", "example.net"};
	const char *name = random_name(arena, s);
	char text[80];

	snprintf(text, sizeof text, "%s@%s", name, domains[stream_below(s, 3)]);
	return arena_strdup(arena, text);
}

static const char *
random_phone(struct arena *arena, struct stream *s)
{
	static const char *const prefixes[] = {"130", "131", "135", "136", "137", "138", "139",
	    "150", "151", "158", "159", "176", "180", "186", "188", "189"};
	char text[12];

	strcpy(text, prefixes[stream_below(s, 16)]);
	for (size_t i = 3; i < 11; i++)
		text[i] = (char)('0' + stream_below(s, 10));
	text[11] = '\0';
	return arena_strdup(arena, text);
}

const char *
random_value(struct arena *arena, const char *seed, const struct random_var *v)
{
	struct stream s = {.seed = seed, .name = v->name, .used = SHA256_BYTES};

	switch (v->kind) {
	case RANDOM_NAME:
		return random_name(arena, &s);
	case RANDOM_NUMBER:
		return v->range ? random_in_range(arena, &s, v) : random_text(arena, &s, v);
	case RANDOM_CHOICE:
		return v->of[stream_below(&s, (unsigned)v->of_count)];
	case RANDOM_UUID:
		return random_uuid(arena, &s);
	case RANDOM_PHRASE:
		return random_phrase(arena, &s, v->lang);
	case RANDOM_EMAIL:
		return random_email(arena, &s);
	case RANDOM_PHONE:
		return random_phone(arena, &s);
	case RANDOM_TEXT:
	case RANDOM_HEX:
	case RANDOM_COUNT:
		break;
	}
	return random_text(arena, &s, v);
}
