/* PL011 0, polled, and the lines that tests print. */
#include "guest.h"
#include <stdarg.h>

#define UART      0x10009000u
#define UART_DR   (UART + 0x00)
#define UART_FR   (UART + 0x18)
#define UART_LCRH (UART + 0x2c)
#define UART_CR   (UART + 0x30)

unsigned check_failures;
void console_init(void);

void console_init(void)
{
    WRITE32(UART_LCRH, 0x70); /* 8n1, FIFOs */
    WRITE32(UART_CR, 0x301);  /* enable, TX, RX */
}

void console_put(char c)
{
    while (READ32(UART_FR) & 1u << 5)
        ;
    WRITE32(UART_DR, (unsigned char)c);
}

static void put_number(uint32_t v, unsigned base, unsigned width, char pad)
{
    char digits[12];
    unsigned n = 0;

    do {
        digits[n++] = "0123456789abcdef"[v % base];
        v /= base;
    } while (v);
    while (n < width && n < sizeof(digits))
        digits[n++] = pad;
    while (n)
        console_put(digits[--n]);
}

void print(const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    for (const char *p = format; *p; p++) {
        unsigned width = 0;
        char pad = ' ';

        if (*p != '%') {
            console_put(*p);
            continue;
        }
        if (*++p == '0')
            pad = '0';
        for (; *p >= '0' && *p <= '9'; p++)
            width = width * 10 + (*p - '0');
        if (*p == 's') {
            for (const char *s = va_arg(ap, const char *); *s; s++)
                console_put(*s);
        } else if (*p == 'c') {
            console_put((char)va_arg(ap, int));
        } else if (*p == 'd') {
            int32_t v = va_arg(ap, int32_t);
            if (v < 0)
                console_put('-');
            put_number(v < 0 ? -(uint32_t)v : (uint32_t)v, 10, width, pad);
        } else if (*p == 'u' || *p == 'x') {
            put_number(va_arg(ap, uint32_t), *p == 'u' ? 10 : 16, width, pad);
        } else {
            console_put(*p);
        }
    }
    va_end(ap);
}

void check(const char *name, bool ok)
{
    print("%s %s\n", ok ? "ok" : "FAIL", name);
    check_failures += !ok;
}

void check_eq(const char *name, uint32_t got, uint32_t want)
{
    if (got == want) {
        print("ok %s\n", name);
        return;
    }
    print("FAIL %s got=%08x want=%08x\n", name, (unsigned)got, (unsigned)want);
    check_failures++;
}
