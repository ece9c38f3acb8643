/* The short forms of a job's addresses and features: every text comes back as it was. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "jobs/job.h"
#include "src/jobs/job_code.h"

static void check(const char *text, const char *name)
{
    char room[JOB_ROOM], *code = malloc(2 * strlen(text) + 1), *at = code;

    cr_assert_not_null(code);
    job_code_put(&at, text, strlen(text), name);
    cr_assert_eq((size_t)(at - code), job_code_size(text, strlen(text), name));
    cr_assert_eq(strlen(code) + 1, (size_t)(at - code));
    cr_expect_str_eq(job_code_text(code, name, room, sizeof room), text, "with the name \"%s\"",
                     name);
    free(code);
}

Test(job_code, every_text_comes_back)
{
    static const char *const pieces[] = {"https://", "shop",  "-", ".vercel.app", "\x1e", "\x1f",
                                         "\x01",     "sho",   "/", "shopshop",    ".git", "auth",
                                         "\xc3\xa9", "-shop", ".", "@",           "",     "http"};
    enum { PIECES = sizeof pieces / sizeof *pieces };
    unsigned seed = 15;

    for (int i = 0; i < 5000; i++) {
        char text[256] = "";
        for (int n = 0; n < 8; n++) {
            seed = seed * 1103515245 + 12345;
            strcat(text, pieces[(seed >> 16) % PIECES]);
        }
        check(text, "");
        check(text, "shop");
        check(text, "\x1e\x1f");
    }
}

static void check_name(const char *address, const char *want)
{
    char name[JOB_CODE_NAME];

    job_code_name(address, strlen(address), name);
    cr_expect_str_eq(name, want, "%s", address);
}

Test(job_code, the_name_of_an_address_is_behind_its_last_slash)
{
    char longest[2 * JOB_CODE_NAME] = "https://a/";

    check_name("https://github.com/me/shop", "shop");
    check_name("https://github.com/me/shop.git", "shop");
    check_name("https://github.com/me/", "");
    check_name("https://github.com/me/ab", "");
    check_name("shop", "");
    check_name(".git", "");
    check_name("", "");
    memset(longest + strlen(longest), 'x', JOB_CODE_NAME);
    check_name(longest, "");
}

static struct job *job_with(const char *repository, const char *staging, const char *production)
{
    const struct job_values v = {
        .id = "job_1", .url = {repository, staging, production},
             .estimated_duration_s = -1
    };

    return job_make(&v);
}

static void check_urls(const char *repository, const char *staging, const char *production)
{
    const char *const want[] = {repository, staging, production};
    struct job *j = job_with(repository, staging, production);
    char room[JOB_ROOM];

    for (unsigned i = 0; i < JOB_URLS; i++) {
        const char *got = job_url(j, (enum job_url_id)i, room);
        cr_assert_eq(got == NULL, want[i] == NULL);
        if (got != NULL) {
            cr_expect_str_eq(got, want[i]);
        }
    }
    job_free(j);
}

Test(job_code, addresses_that_have_the_repositorys_name_come_back)
{
    check_urls("https://github.com/me/shop", "https://shop-staging.vercel.app",
               "https://shop.vercel.app");
    check_urls("https://github.com/me/shop.git", "https://shop", "https://shopping.example");
    check_urls(NULL, "https://shop-staging.vercel.app", "https://shop.vercel.app");
    check_urls("https://github.com/me/shop", NULL, "shop");
    check_urls("", "https://x", "");
    /* a secret in the repository's address is hidden, and the name is that of what is kept */
    struct job *j = job_with("https://ghp_abcdefghijklmnop@github.com/me/shop?token=abcdefgh",
                             "https://shop.vercel.app", "https://****.vercel.app");
    char room[JOB_ROOM];
    cr_expect_str_eq(job_url(j, JOB_URL_STAGING, room), "https://shop.vercel.app");
    cr_expect_str_eq(job_url(j, JOB_URL_PRODUCTION, room), "https://****.vercel.app");
    job_free(j);
}

Test(job_code, a_name_that_addresses_share_is_kept_once)
{
    struct job *one =
        job_with("https://github.com/me/a-shop-of-mine",
                 "https://a-shop-of-mine-staging.vercel.app", "https://a-shop-of-mine.vercel.app");
    struct job *other =
        job_with("https://github.com/me/a-shop-of-mine",
                 "https://b-shop-of-mine-staging.vercel.app", "https://b-shop-of-mine.vercel.app");

    cr_expect_eq(other->bytes - one->bytes, 2 * (int)(strlen("a-shop-of-mine") - 1));
    job_free(one);
    job_free(other);
}
