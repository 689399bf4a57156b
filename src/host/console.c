/* The VMM's own lines (host/console.h). */
#include "host/console.h"

#include <stdio.h>

#include "host/owner.h"

static struct {
    void (*put)(char c);
    bool speaking;
} console HOST_BSS;

void console_init(void (*put)(char c)) { console.put = put; }

void console_begin(void) { console.speaking = true; }
void console_end(void) { console.speaking = false; }
bool console_is_speaking(void) { return console.speaking; }

void console_put(const char *text)
{
    for (; *text; text++) {
        if (*text == '\n')
            console.put('\r');
        console.put(*text);
    }
}

void console_vprintf(const char *format, va_list args)
{
    char text[512];

    console_begin();
    console_put("armature: ");
    vsnprintf(text, sizeof text, format, args);
    console_put(text);
    console_put("\n");
    console_end();
}

void console_printf(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    console_vprintf(format, args);
    va_end(args);
}
