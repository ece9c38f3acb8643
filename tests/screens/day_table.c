/* The jobs of the day: a table for today, and two weeks before it by rule. */
#include "day_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "day_jobs.h"
#include "fixed.h"

enum { HISTORY = 128 };

/* clang-format off */
static const struct day_job today[] = {
    {"Paper & Pine", "user_4821", "prod_shop", "normal", "'shop','newsletter'", WAITS, "QUEUED", 0, 1, -1, -1, NULL},
    {"Lumen Studio", "user_1306", "prod_portal", "high", "'auth','gallery'", RUNS, "CREATING_REPO", 12, 9, 7, -1, NULL},
    {"Atlas Logistics", "user_2077", "prod_portal", "high", "'tracking','maps'", STUCK, "QUEUED", 0, 26, -1, -1, NULL},
    {"Tidewater Books", "user_3318", "prod_shop", "normal", "'auth','dashboard','payments'", RUNS, "AI_DEVELOPMENT", 58, 58, 56, -1, NULL},
    {"Copper Kettle Caf\xc3\xa9", "user_0954", "prod_booking", "normal", "'menu','booking'", RUNS, "BUILDING", 84, 87, 85, -1, NULL},
    {"Bright Smile Dental", "user_2763", "prod_booking", "normal", "'calendar','reminders'", KILLED, "AI_DEVELOPMENT", 45, 112, 110, 64, NULL},
    {"Nordlicht Reisen", "user_1502", "prod_booking", "normal", "'booking','blog'", SUCCEEDED, "COMPLETED", 100, 163, 161, 57, NULL},
    {"Velo Express", "user_4410", "prod_shop", "low", "'shop'", SUCCEEDED, "COMPLETED", 100, 201, 199, 106, NULL},
    {"Honey and Thyme", "user_3305", "prod_shop", "normal", "'shop'", LOST, "QUEUED", 0, 203, -1, -1, NULL},
    {"Alpine Ski Repair", "user_1187", "prod_booking", "normal", "'booking'", LOST, "QUEUED", 0, 209, -1, -1, NULL},
    {"Sunset Surf Camp", "user_2290", "prod_booking", "normal", "'booking','blog'", LOST, "QUEUED", 0, 214, -1, -1, NULL},
    {"Pocket Ledger", "user_0733", "prod_portal", "normal", "'auth','export'", STOPPED, "FETCHING_DATA", 6, 248, 246, 239, NULL},
    {"Mango & Mint", "user_2219", "prod_shop", "normal", "'menu','delivery'", BROKEN, "BUILDING", 78, 305, 303, 231, "npm run build exited with 1: Module not found: @/lib/cart"},
    {"Oak Hill School", "user_3941", "prod_portal", "normal", "'auth','calendar'", SUCCEEDED, "COMPLETED", 100, 352, 350, 247, NULL},
    {"Studio Kamala Yoga", "user_1028", "prod_booking", "normal", "'booking','payments'", SUCCEEDED, "COMPLETED", 100, 398, 396, 301, NULL},
    {"Quiet Corner Records", "user_0941", "prod_shop", "normal", "'shop'", LOST, "QUEUED", 0, 1510, -1, -1, NULL},
    {"Fern Street Florist", "user_4412", "prod_shop", "normal", "'shop','blog'", LOST, "QUEUED", 0, 2980, -1, -1, NULL},
};
enum { TODAY = sizeof today / sizeof *today };

static const char *const names[] = {
    "Riverside Bakery", "Harbour Physio", "Green Loop", "Fjord Coffee", "Pixel Pets", "Casa Verde",
    "Slow Bikes", "Milk & Honey", "Brick Lane Books", "Cloud Kitchen 9", "Vet on Wheels", "Tiny Piano",
    "North Shore Sauna", "Ledger for Dentists", "Petit Marais", "Rocket Tutors", "Salt & Cedar",
};
static const char *const users[] = {"user_4821", "user_1306", "user_2077", "user_3318", "user_0954",
                                    "user_2763", "user_1502", "user_4410", "user_0733"};
static const char *const products[] = {"prod_shop", "prod_booking", "prod_blog", "prod_portal"};
static const char *const errors[] = {
    "npm run build exited with 1: Module not found: @/lib/cart",
    "vercel deploy: the domain is already in use by another project",
    "git push: remote rejected, the repository was archived",
};
/* clang-format on */

const size_t day_jobs_len = TODAY + HISTORY;

unsigned day_draw(size_t i, unsigned salt, unsigned limit)
{
    uint32_t x = (uint32_t)i * 2654435761U + salt * 40503U + 12345U;

    x ^= x >> 15;
    x *= 2246822519U;
    x ^= x >> 13;
    x *= 3266489917U;
    return (x ^ x >> 16) % limit;
}

/* Ten jobs on each of the days before, from seven in the morning on. */
static struct day_job history(size_t n)
{
    int minutes_today = 14 * 60 + 32, day = (int)n / 10 + 1, of_day = (int)n % 10;
    int made = minutes_today + day * 24 * 60 - 7 * 60 - of_day * 78 - (int)day_draw(n, 1, 60);
    int took = 74 + (int)day_draw(n, 2, 52), waited = 1 + (int)day_draw(n, 3, 3);
    struct day_job j = {.business = names[n * 5 % (sizeof names / sizeof *names)],
                        .user = users[day_draw(n, 4, sizeof users / sizeof *users)],
                        .product = products[day_draw(n, 5, 4) * day_draw(n, 6, 4) / 3],
                        .priority = "normal",
                        .features = "'auth'",
                        .fate = SUCCEEDED,
                        .step = "COMPLETED",
                        .progress = 100,
                        .made = made,
                        .started = made - waited,
                        .ended = made - waited - took};

    if (day_draw(n, 7, 100) < 13) {
        unsigned why = day_draw(n, 8, 5); /* two in five run out of memory */
        j.fate = why < 2 ? KILLED_TOLD : BROKEN;
        j.step = why < 2 ? "AI_DEVELOPMENT" : why < 4 ? "BUILDING" : "DEPLOYING";
        j.progress = why < 2 ? 45 : 80;
        j.error = why < 2 ? NULL : errors[why - 2];
        j.ended = j.started - took * 2 / 3;
    }
    return j;
}

struct day_job day_job(size_t i)
{
    return i < TODAY ? today[i] : history(i - TODAY);
}

size_t day_named(const char *business)
{
    for (size_t i = 0; i < TODAY; i++) {
        if (strcmp(today[i].business, business) == 0) {
            return i;
        }
    }
    abort();
}

/* Jobs are not made at full minutes. */
int64_t day_time(size_t i, int minutes_ago)
{
    return FIXED_NOW_MS - (int64_t)minutes_ago * DAY_MINUTE_MS -
           (int64_t)(5 + day_draw(i, 11, 24)) * 1000;
}

void day_id(size_t i, char out[DAY_ID_SIZE])
{
    static const char set[] = "0123456789abcdefghijklmnopqrstuvwxyz";
    int n = snprintf(out, DAY_ID_SIZE, "job_%lld_", (long long)day_time(i, day_job(i).made));

    for (unsigned k = 0; k < 9; k++) {
        out[n++] = set[day_draw(i, 21 + k, 36)];
    }
    out[n] = '\0';
}
