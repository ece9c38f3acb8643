/* What a line of a file is known by. */
#include <criterion/criterion.h>
#include <string.h>

#include "jobs/deploy_file.h"
#include "jobs/deploy_token.h"

enum { MOST = 8 };

struct tokens {
    size_t len;
    char of[MOST][DEPLOY_TOKEN_SIZE];
};

static struct tokens tokens_of(const char *text)
{
    struct tokens t = {0};
    struct deploy_file f;
    struct err e = {0};

    cr_assert_eq(deploy_file_read(text, strlen(text), &f, &e), E_OK, "%s", e.msg);
    cr_assert_leq(f.len, MOST);
    deploy_tokens(f.requests, f.len, t.of);
    t.len = f.len;
    deploy_file_clear(&f);
    return t;
}

static bool same(const char *a, const char *b)
{
    struct tokens x = tokens_of(a);
    struct tokens y = tokens_of(b);

    for (size_t i = 0; i < x.len && i < y.len; i++) {
        if (strcmp(x.of[i], y.of[i]) != 0) {
            return false;
        }
    }
    return x.len == y.len;
}

static const char csv[] = "userId,productId,businessName,plan\nu1,p1,One,gold\nu2,p2,,\n";

Test(deploy_token, how_the_file_is_written_does_not_matter)
{
    cr_expect(same(csv, "userId,productId,businessName,plan\r\nu1,p1,One,gold\r\nu2,p2,,\r\n"));
    cr_expect(
        same(csv, "\xef\xbb\xbfUSER_ID,product-id,business-name,plan\n\nu1,p1,One,gold\nu2,p2,,"));
    cr_expect(same(csv, "plan,productId,userId,businessName\n\"gold\", p1 ,u1,One\n,p2,u2,\n"));
    cr_expect(same(csv, "{\"productId\":\"p1\",\"metadata\":{\"plan\":\"gold\",\"businessName\":"
                        "\"One\"},\"userId\":\"u1\"}\n{\"userId\" : \"u2\", \"productId\":\"p2\","
                        "\"priority\":\"normal\"}\n"));
    cr_expect(
        same("{\"userId\":\"u\",\"productId\":\"p\",\"metadata\":{\"a\":{\"x\":1,\"y\":[2,3]},"
             "\"b\":2}}",
             "{\"userId\":\"u\",\"productId\":\"p\",\"metadata\":{\"b\":2,\"a\":{\"y\":[2,3],"
             "\"x\":1}}}"));
}

Test(deploy_token, what_a_line_asks_for_does)
{
    cr_expect_not(same(csv, "userId,productId,businessName,plan\nu1,p1,One,silver\nu2,p2,,\n"));
    cr_expect_not(same("userId,productId\nu,p\n", "userId,productId,priority\nu,p,high\n"));
    cr_expect_not(same("userId,productId\nu,p\n", "userId,productId,jobId\nu,p,mine\n"));
    cr_expect_not(same("userId,productId\nup,p\n", "userId,productId\nu,pp\n"));
    cr_expect_not(same("{\"userId\":\"u\",\"productId\":\"p\",\"metadata\":{\"a\":[1,2]}}",
                       "{\"userId\":\"u\",\"productId\":\"p\",\"metadata\":{\"a\":[2,1]}}"));
    cr_expect_not(same("{\"userId\":\"u\",\"productId\":\"p\",\"metadata\":{\"a\":1}}",
                       "{\"userId\":\"u\",\"productId\":\"p\",\"metadata\":{\"a\":\"1\"}}"));
}

Test(deploy_token, of_the_database_url_all_but_the_password)
{
    static const char before[] = "userId,productId,founderdashDbUrl\nu,p,postgresql://u:old@h/db\n";

    cr_expect(same(before, "userId,productId,founderdashDbUrl\nu,p,postgresql://u:new@h/db\n"));
    cr_expect_not(same(before, "userId,productId,founderdashDbUrl\nu,p,postgresql://u:old@i/db\n"));
}

Test(deploy_token, equal_lines_are_told_apart_by_their_number)
{
    struct tokens t = tokens_of("userId,productId\nu,p\nv,p\nu,p\nu,p\n");
    struct tokens later = tokens_of("userId,productId\nv,p\nu,p\nu,p\nu,p\n");

    cr_expect_str_neq(t.of[0], t.of[2]);
    cr_expect_str_neq(t.of[2], t.of[3]);
    cr_expect_str_eq(t.of[0], later.of[1]);
    cr_expect_str_eq(t.of[3], later.of[3]);
    cr_expect_not_null(strstr(t.of[3], "-3"));
}
