/* The VMM's own lines, on whatever the board gives for them. */
#ifndef CONSOLE_H
#define CONSOLE_H

#include <stdarg.h>
#include <stdbool.h>

void console_init(void (*put)(char c)); /* waits for room */
void console_put(const char *text);     /* as it is, LF as CR LF */
/* A line: "armature: ", the text, a line end. At most 512 characters. */
void console_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));
void console_vprintf(const char *format, va_list args);

/* Text is being made from here to there; what fails meanwhile must not make any (host/stop.h). */
void console_begin(void);
void console_end(void);
bool console_is_speaking(void);

#endif
