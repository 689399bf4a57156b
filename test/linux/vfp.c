/* Floating point in double and single precision: sums whose last digits show any register that was not kept.
 */
#include <math.h>
#include <stdio.h>

int main(void)
{
    double s = 0, p = 1;
    float f = 0;

    for (int i = 1; i <= 200000; i++) {
        s += sin(i) * sqrt(i) / exp(i / 200000.0);
        p *= 1 + 1.0 / (i + (double)i * i);
        f += 1.0f / (float)i;
    }
    printf("%.17g %.17g %.9g\n%.17g %.17g\n", s, p, (double)f, atan2(1, 2), pow(2, 0.3));
    return 0;
}
