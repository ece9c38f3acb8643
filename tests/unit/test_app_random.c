/* Any sequence of keys and replies leaves the dashboard whole: here with fixed seeds, under
 * tests/fuzz/fuzz_app.c with all that the fuzzer finds. */
#include <criterion/criterion.h>
#include <criterion/theories.h>
#include <locale.h>

#include "app_script.h"

TheoryDataPoints(update, any_events_leave_it_whole) = {
    DataPoints(uint32_t, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20),
};

Theory((uint32_t seed), update, any_events_leave_it_whole)
{
    static uint8_t data[6000];

    setlocale(LC_CTYPE, "C.UTF-8");
    for (size_t i = 0; i < sizeof data; i++) {
        seed ^= seed << 13;
        seed ^= seed >> 17;
        seed ^= seed << 5;
        data[i] = (uint8_t)(seed >> 11);
    }
    const char *broken = script_run(data, sizeof data);
    cr_assert_null(broken, "%s", broken);
}
