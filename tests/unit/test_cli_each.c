/* Commands that take several jobs: what of one ends the list, and what is told of the rest. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "src/cli/cli_priv.h"

TestSuite(cli_each, .timeout = 120);

static int tried;

static cJSON *result(const char *word, const struct err *why)
{
    cJSON *doc = json_new_object();

    json_set_str(doc, "jobId", word);
    json_set_str(doc, "status", NULL);
    json_set(doc, "error", cli_error_json(why));
    return doc;
}

/* Fails as the word says: "own" is slow by itself, "link" finds no service. */
static enum err_code one(struct cli *c, const char *word, cJSON *results, bool *own, struct err *e)
{
    (void)c;
    tried++;
    *own = strcmp(word, "own") == 0;
    enum err_code rc = err_set(e, E_TIMEOUT, "%s failed", word);
    json_push(results, result(word, e));
    return rc;
}

/* Runs both words with --json; owned text. */
static char *run(const char *first, const char *second)
{
    char *words[] = {strdup(first), strdup(second), NULL};
    char *text = NULL;
    size_t len = 0;
    struct err e = {0};
    struct cli c = {
        .json = true, .args = {.words = words, .words_len = 2}
    };

    c.out = open_memstream(&text, &len);
    c.err = stderr;
    tried = 0;
    cr_expect_eq(cli_each(&c, one, result, &e), E_TIMEOUT);
    (void)fclose(c.out);
    free(words[0]);
    free(words[1]);
    return text;
}

Test(cli_each, a_failure_that_is_one_jobs_own_does_not_stop_the_others)
{
    char *text = run("own", "link");

    cr_expect_eq(tried, 2);
    cr_expect_null(strstr(text, "not tried"), "%s", text);
    free(text);
}

Test(cli_each, after_a_failure_of_the_link_the_rest_is_told_as_not_tried_with_every_member)
{
    char *text = run("link", "own");

    cr_expect_eq(tried, 1);
    cr_expect(strstr(text,
                     "{\"jobId\":\"own\",\"status\":null,\"error\":{\"code\":\"E_TIMEOUT\","
                     "\"message\":\"not tried, because the one before it failed: link failed\"") !=
                  NULL,
              "%s", text);
    free(text);
}
