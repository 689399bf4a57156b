/* The VMM's instructions as a tree of call paths. */
#include <stdlib.h>

#include "profile.h"

struct node {
    struct counter n, calls;
    const char *name;
    struct node *parent, *child, *next;
};

enum { DEPTH = 128 };
static struct node root = {.name = "vmm"};
static struct {
    uint32_t back;
    struct node *node; /* NULL: called, its function not known yet */
} stack[DEPTH] = {{0, &root}};
static unsigned top;
static struct node *current = &root;
static uint64_t vmm_seen;
uint64_t vmm_count;

static struct node *child(struct node *parent, const char *name)
{
    struct node *n;

    for (n = parent->child; n; n = n->next)
        if (n->name == name)
            return n;
    check(n = calloc(1, sizeof *n));
    n->name = name;
    n->parent = parent;
    n->next = parent->child;
    return parent->child = n;
}

static void attribute(struct node *next)
{
    current->n.count += vmm_count - vmm_seen;
    vmm_seen = vmm_count;
    current = next;
}

/* The function of the nearest frame below that is known. */
static struct node *known_below(unsigned i)
{
    while (i > 1 && !stack[i - 1].node)
        i--;
    return i ? stack[i - 1].node : stack[0].node;
}

void path_entry(const char *name)
{
    top = 0;
    stack[0].node = child(&root, name);
    stack[0].node->calls.count++;
    attribute(stack[0].node);
}

void path_call(unsigned int vcpu, void *back)
{
    (void)vcpu;
    if (top + 1 < DEPTH)
        top++;
    stack[top].back = (uint32_t)(uintptr_t)back;
    stack[top].node = NULL;
}

void path_function(unsigned int vcpu, void *name)
{
    struct node *n = stack[top].node;

    (void)vcpu;
    if (n && n->name == name) /* a loop to its own beginning */
        return;
    n = child(known_below(top), name);
    n->calls.count++;
    if (!top) /* jumped to by a stub, which is never returned to */
        stack[top = 1].back = 0;
    stack[top].node = n;
    attribute(n);
}

void path_return(unsigned int vcpu, void *back)
{
    (void)vcpu;
    for (unsigned i = top; i; i--)
        if (stack[i].back == (uint32_t)(uintptr_t)back) {
            top = i - 1;
            attribute(known_below(i));
            return;
        }
}

static void node_begin(struct node *n)
{
    counter_begin(&n->n);
    counter_begin(&n->calls);
    for (n = n->child; n; n = n->next)
        node_begin(n);
}

void paths_begin(void)
{
    attribute(current);
    node_begin(&root);
}

static void node_write(FILE *out, const struct node *n, const char *path)
{
    char here[4096];

    snprintf(here, sizeof here, "%s%s%s", path, *path ? ";" : "", n->name);
    if (counter_grown(&n->n) || counter_grown(&n->calls))
        fprintf(out, "path %s %" PRIu64 " %" PRIu64 "\n", here, counter_grown(&n->n),
                counter_grown(&n->calls));
    for (n = n->child; n; n = n->next)
        node_write(out, n, here);
}

void paths_write(FILE *out)
{
    attribute(current);
    node_write(out, &root, "");
}
