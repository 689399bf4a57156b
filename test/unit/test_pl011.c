/*
 * The guest's UARTs.
 */
#define UNIT_MAIN
#include "fake_host.h"

#define UART0  0x10009000u
#define UART1  0x1000a000u
#define DR     0x00
#define FR     0x18
#define LCR    0x2c
#define IMSC   0x38
#define RIS    0x3c
#define MIS    0x40
#define ICR    0x44
#define INT_RX 0x10u
#define INT_TX 0x20u
#define FIFOS  0x70u

static bool line(unsigned irq) { return rd(0x1e001200 + irq / 32 * 4) >> (irq & 31) & 1; }

TEST(reset_values)
{
    fake_reset();
    EXPECT_EQ(rd(UART0 + FR), 0x90);
    EXPECT_EQ(rd(UART0 + 0x30), 0x300);
    EXPECT_EQ(rd(UART0 + 0x34), 0x12);
    EXPECT_EQ(rd(UART0 + 0xfe0), 0x11);
    EXPECT_EQ(rd(UART0 + 0xfe8), 0x14);
    EXPECT_EQ(rd(UART0 + 0xff8), 0x05);
}

TEST(bytes_go_out_at_once)
{
    fake_reset();
    wr(UART0 + IMSC, INT_TX);
    EXPECT(!line(44)); /* not before something was sent */
    bus_write(GPA(UART0 + DR), 'a', 1);
    wr(UART0 + DR, 'b');
    EXPECT_EQ(fake_uart_sent_count, 2);
    EXPECT(!memcmp(fake_uart_sent, "ab", 2));
    EXPECT(line(44));
    EXPECT_EQ(rd(UART0 + MIS), INT_TX);
    wr(UART0 + ICR, INT_TX);
    EXPECT(!line(44));
}

TEST(back_pressure_loses_nothing)
{
    fake_reset();
    wr(UART0 + LCR, FIFOS);
    wr(UART0 + IMSC, INT_TX);
    fake_uart_room = 3;
    for (int i = 0; i < 3 + 15; i++)
        wr(UART0 + DR, (uint32_t)('A' + i));
    EXPECT_EQ(rd(UART0 + FR) & 0xa8, 0x08); /* busy, not empty, not full */
    wr(UART0 + DR, 'A' + 18);
    EXPECT_EQ(rd(UART0 + FR) & 0xa8, 0x28); /* full */
    EXPECT(fake_uart_wanted);
    EXPECT_EQ(fake_uart_sent_count, 3);
    wr(UART0 + ICR, INT_TX);

    fake_uart_room = 7;
    fake_uart->tx_ready();
    EXPECT_EQ(fake_uart_sent_count, 10);
    EXPECT_EQ(rd(UART0 + FR) & 0xa8, 0x08);
    EXPECT(!line(44)); /* still more than half full */
    fake_uart_room = 1;
    fake_uart->tx_ready();
    EXPECT(line(44));
    EXPECT(fake_uart_wanted);
    fake_uart_room = 100;
    fake_uart->tx_ready();
    EXPECT(!fake_uart_wanted);
    EXPECT_EQ(rd(UART0 + FR) & 0xa8, 0x80);
    EXPECT_EQ(fake_uart_sent_count, 19);
    for (unsigned i = 0; i < 19; i++)
        EXPECT_EQ(fake_uart_sent[i], 'A' + i);
}

TEST(a_guest_that_ignores_txff_is_held)
{
    fake_reset();
    wr(UART0 + LCR, FIFOS);
    fake_uart_room = 0;
    for (int i = 0; i < 16; i++)
        wr(UART0 + DR, (uint32_t)('a' + i));
    fake_uart_refused_count = 3;
    wr(UART0 + DR, 'z');
    EXPECT_EQ(fake_uart_sent_count, 4);
    fake_uart_room = 100;
    fake_uart->tx_ready();
    EXPECT_EQ(fake_uart_sent_count, 17);
    EXPECT_EQ(fake_uart_sent[16], 'z');
}

TEST(ready_with_nothing_to_send)
{
    fake_reset();
    fake_uart_wanted = true;
    fake_uart->tx_ready();
    EXPECT(!fake_uart_wanted);
    EXPECT_EQ(rd(UART0 + RIS), 0);
}

TEST(without_fifos_one_byte_is_full)
{
    fake_reset();
    fake_uart_room = 0;
    wr(UART0 + DR, 'x');
    EXPECT_EQ(rd(UART0 + FR) & 0xa0, 0x20);
    fake_uart_room = 1;
    fake_uart->tx_ready();
    EXPECT_EQ(rd(UART0 + FR) & 0xa0, 0x80);
}

TEST(receive)
{
    fake_reset();
    wr(UART0 + LCR, FIFOS);
    wr(UART0 + IMSC, INT_RX);
    EXPECT(fake_uart->rx_room());
    fake_uart->rx('h');
    fake_uart->rx('i');
    EXPECT(line(44)); /* from the first byte, whatever the trigger level */
    EXPECT_EQ(rd(UART0 + FR), 0x80);
    EXPECT_EQ(rd(UART0 + DR), 'h');
    EXPECT(line(44));
    EXPECT_EQ(rd(UART0 + DR), 'i');
    EXPECT(!line(44));
    EXPECT_EQ(rd(UART0 + FR), 0x90);
}

TEST(receive_fifo_fills)
{
    fake_reset();
    wr(UART0 + LCR, FIFOS);
    for (unsigned i = 0; i < 16; i++) {
        EXPECT(fake_uart->rx_room());
        fake_uart->rx((uint8_t)i);
    }
    EXPECT(!fake_uart->rx_room());
    EXPECT_EQ(rd(UART0 + FR) & 0x50, 0x40);
    fake_uart_resume_count = 0;
    fake_uart->rx(99); /* a caller's bug: dropped, not written past the end */
    for (unsigned i = 0; i < 16; i++)
        EXPECT_EQ(rd(UART0 + DR), i);
    EXPECT(fake_uart_resume_count >= 1);
    EXPECT_EQ(rd(UART0 + FR) & 0x50, 0x10);
}

TEST(receive_without_fifos)
{
    fake_reset();
    fake_uart->rx('q');
    EXPECT(!fake_uart->rx_room());
    EXPECT_EQ(rd(UART0 + FR) & 0x50, 0x40);
    EXPECT_EQ(rd(UART0 + DR), 'q');
    EXPECT(fake_uart->rx_room());
}

TEST(switching_fifos_empties_the_receiver)
{
    fake_reset();
    fake_uart->rx('q');
    wr(UART0 + LCR, FIFOS);
    EXPECT(fake_uart->rx_room());
    EXPECT_EQ(rd(UART0 + FR) & 0x50, 0x40); /* the flags lag */
    rd(UART0 + DR);
    EXPECT_EQ(rd(UART0 + FR) & 0x50, 0x10);
    EXPECT_EQ(rd(UART0 + RIS), 0);
}

TEST(other_uarts_discard)
{
    fake_reset();
    wr(UART1 + IMSC, INT_TX);
    wr(UART1 + DR, 'x');
    EXPECT_EQ(fake_uart_sent_count, 0);
    EXPECT_EQ(rd(UART1 + FR), 0x90);
    EXPECT(line(45));
}
