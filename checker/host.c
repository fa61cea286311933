#include "checker/host.h"

void
host_enter(struct host *h, struct task *t)
{
	t->prev = NULL;
	t->next = h->tasks;
	if (t->next != NULL)
		t->next->prev = t;
	h->tasks = t;
	h->count++;
}

void
host_leave(struct host *h, struct task *t)
{
	*(t->prev != NULL ? &t->prev->next : &h->tasks) = t->next;
	if (t->next != NULL)
		t->next->prev = t->prev;
	h->count--;
}

void
host_cancel_all(struct host *h)
{
	while (h->tasks != NULL)
		h->tasks->cancel(h->tasks);
}
