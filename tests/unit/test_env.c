/* Environments as values. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "core/env.h"

static size_t count(const struct env_block *b, const char *start)
{
    size_t n = 0;

    for (size_t i = 0; i < b->len; i++) {
        n += strncmp(b->items[i], start, strlen(start)) == 0;
    }
    return n;
}

Test(env, its_variables_come_before_those_of_the_process)
{
    setenv("MVP_ENV_A", "process", 1);
    setenv("MVP_ENV_B", "process", 1);
    unsetenv("MVP_ENV_C");
    struct env *v = env_new();
    env_set(v, "MVP_ENV_A", "old");
    env_set(v, "MVP_ENV_A", "own");
    cr_expect_str_eq(env_get(v, "MVP_ENV_A"), "own");
    cr_expect_str_eq(env_get(v, "MVP_ENV_B"), "process");
    cr_expect_null(env_get(v, "MVP_ENV_C"));
    cr_expect_null(env_get(v, "MVP_ENV"), "a name is not the begin of another one");
    cr_expect_str_eq(getenv("MVP_ENV_A"), "process");
    cr_expect_str_eq(env_get(NULL, "MVP_ENV_A"), "process");
    setenv("MVP_ENV_B", "", 1);
    cr_expect_null(env_get(v, "MVP_ENV_B"), "an empty value is none");
    env_free(v);
    env_free(NULL);
}

Test(env, true_is_true_or_1)
{
    struct env *v = env_new();

    env_set(v, "MVP_ENV_T", "TRUE");
    cr_expect(env_true(v, "MVP_ENV_T"));
    env_set(v, "MVP_ENV_T", "1");
    cr_expect(env_true(v, "MVP_ENV_T"));
    env_set(v, "MVP_ENV_T", "yes");
    cr_expect_not(env_true(v, "MVP_ENV_T"));
    cr_expect_not(env_true(NULL, "MVP_ENV_T"));
    env_free(v);
}

Test(env, a_program_gets_each_variable_once)
{
    setenv("MVP_ENV_A", "process", 1);
    setenv("MVP_ENV_B", "process", 1);
    struct env *v = env_new();
    env_set(v, "MVP_ENV_A", "own");
    env_set(v, "MVP_ENV_N", "new=with=equals");
    struct env_block b = env_block_new(v);
    cr_expect_eq(count(&b, "MVP_ENV_A="), 1);
    cr_expect_eq(count(&b, "MVP_ENV_A=own"), 1);
    cr_expect_eq(count(&b, "MVP_ENV_B=process"), 1);
    cr_expect_eq(count(&b, "MVP_ENV_N=new=with=equals"), 1);
    cr_expect_null(b.items[b.len]);
    env_block_free(&b);
    b = env_block_new(NULL);
    cr_expect_eq(count(&b, "MVP_ENV_A=process"), 1);
    cr_expect_eq(count(&b, "MVP_ENV_N="), 0);
    env_block_free(&b);
    env_free(v);
}
