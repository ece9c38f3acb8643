/* The account in an access key id. */
#include <criterion/criterion.h>

#include "aws/key_account.h"

/* Published with their accounts by those who found the encoding (Aidan Steele, Tal Be'ery, Fog
 * Security), and made with Python's base64 for the corners. */
Test(key_account, is_read_from_the_key_ids_that_name_it)
{
    static const struct {
        const char *id, *account;
    } cases[] = {
        {"ASIAY34FZKBOKMUTVV7A", "609629065308"},
        {"ASIAQNZGKIQY56JQ7WML", "029608264753"},
        {"ASIAR2TG44V5PDTTBZRR", "125843596666"},
        {"AKIARZPUZDIKFIJDIVTY", "123456789012"},
        {"AKIAQAAAAAAAFIJDIVTY", "000000000000"},
        {"AKIAQAAAAAAAVIJDIVTY", "000000000001"},
        {"AKIA6RVFFB77VIJDIVTY", "999999999999"},
    };
    char account[AWS_ACCOUNT_SIZE];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cr_expect(aws_key_is_unique(cases[i].id), "%s", cases[i].id);
        cr_expect(aws_key_account(cases[i].id, account), "%s", cases[i].id);
        cr_expect_str_eq(account, cases[i].account, "%s", cases[i].id);
    }
}

Test(key_account, is_not_guessed)
{
    static const struct {
        const char *id;
        bool unique;
    } cases[] = {
        {"AKIAIOSFODNN7EXAMPLE",  true }, /* of before 2019: the marker bit is not set */
        {"AKIAJLLCKKYFEWP5MWXA",  true },
        {"ASIAIOSFODNN7EXAMPLE",  true },
        {"AKIA7777777777777777",  true }, /* no account has thirteen digits */
        {"AIDAQNZGKIQY56JQ7WML",  false},
        {"asiaqnzgkiqy56jq7wml",  false},
        {"ASIAQNZGKIQY56JQ7WM",   false},
        {"ASIAQNZGKIQY56JQ7WMLA", false},
        {"ASIAQNZGKIQY56JQ7WM1",  false},
        {"AKIA",                  false},
        {"test",                  false},
        {"",                      false},
    };
    char account[AWS_ACCOUNT_SIZE];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cr_expect_eq(aws_key_is_unique(cases[i].id), cases[i].unique, "%s", cases[i].id);
        cr_expect_not(aws_key_account(cases[i].id, account), "%s", cases[i].id);
        cr_expect_str_eq(account, "", "%s", cases[i].id);
    }
}
