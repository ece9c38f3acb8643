/* The fuzz target's corpus (tests/fuzz/corpus/fuzz_cloud): a skeleton of each operation and what
 * was once found to take the cloud with it. tests/fuzz/calls.inc stops the process on a crash, on a
 * failure of the cloud's own, on a reply that is no JSON. */
#include <criterion/criterion.h>
#include <glob.h>

#include "tests/fuzz/calls.inc"

#define CORPUS "tests/fuzz/corpus/fuzz_cloud/"

static char *read_file(const char *path, size_t *len)
{
    struct err e;
    char *text = NULL;

    cr_assert_eq(path_read(path, 1 << 20, &text, len, &e), E_OK, "%s", e.msg);
    return text;
}

Test(calls, every_text_of_the_corpus_is_survived, .timeout = 120)
{
    char dir[] = "/tmp/mvpdash-test-calls.XXXXXX";
    struct cloud *l = calls_cloud(dir);
    glob_t found;

    cr_assert_eq(glob(CORPUS "*.txt", 0, NULL, &found), 0, "run from the project's folder");
    cr_expect_gt(found.gl_pathc, 10);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        size_t len = 0;
        char *text = read_file(found.gl_pathv[i], &len);
        calls_play(l, text, len);
        free(text);
    }
    globfree(&found);
    cloud_unlock(l);
    cloud_stop(l);
    cr_expect_eq(path_remove_tree(dir, NULL), E_OK);
}

/* Each operation that the local cloud has stands in the corpus: a new one needs its skeleton. */
Test(calls, the_corpus_has_every_operation)
{
    struct strbuf all = STRBUF_INIT;
    glob_t found;

    cr_assert_eq(glob(CORPUS "*.txt", 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        size_t len = 0;
        char *text = read_file(found.gl_pathv[i], &len);
        strbuf_addf(&all, "\n%s", text);
        free(text);
    }
    globfree(&found);
    for (int i = 0; i < AWS_OP_COUNT; i++) {
        const struct aws_op *op = aws_op_get((enum aws_op_id)i);
        bool form = aws_service_get(op->service)->protocol == AWS_QUERY_XML;
        char *line = form ? xasprintf("form Action=%s&", op->name) : xasprintf("\n%s {", op->name);
        cr_expect((op->flags & AWS_OP_NOT_LOCAL) != 0 || strstr(all.data, line) != NULL, "%s",
                  op->name);
        free(line);
    }
    strbuf_clear(&all);
}
