/* DynamoDB's expressions: conditions, updates, projections and key conditions. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/json.h"
#include "core/strbuf.h"
#include "src/cloud/dynamodb/expr.h"

/* JSON text in which ' stands for ". */
static cJSON *parse(const char *json)
{
    char *text = xstrdup(json);
    struct err e;

    for (char *p = text; *p != '\0'; p++) {
        *p = *p == '\'' ? '"' : *p;
    }
    cJSON *doc = json_parse(text, strlen(text), "test", &e);
    cr_assert_not_null(doc, "%s: %s", text, e.msg);
    free(text);
    return doc;
}

/* ---- conditions ------------------------------------------------------------------------- */

#define ITEM                                                                                       \
    "{'s':{'S':'hello'},'n':{'N':'10'},'b':{'B':'AP9o'},'t':{'BOOL':true},'nul':{'NULL':true},"    \
    "'ss':{'SS':['a','b']},'ns':{'NS':['1','2.0']},'l':{'L':[{'N':'1'},{'S':'x'},"                 \
    "{'L':[{'S':'deep'}]}]},'m':{'M':{'k':{'S':'v'},'o':{'M':{'p':{'N':'5'}}}}},"                  \
    "'e':{'S':''},'u':{'S':'h\xc3\xa9llo'},'r':{'N':'10.0'},'status':{'S':'DONE'}}"

#define VALUES                                                                                     \
    "{':hello':{'S':'hello'},':he':{'S':'he'},':x':{'S':'x'},':1':{'N':'1'},':2':{'N':'2'},"       \
    "':5':{'N':'5'},':10':{'N':'1E1'},':9':{'N':'9'},':20':{'N':'20'},':bin':{'B':'AP8='},"        \
    "':true':{'BOOL':true},':false':{'BOOL':false},':null':{'NULL':true},"                         \
    "':ss':{'SS':['b','a']},':ns':{'NS':['2','1.0']},':a':{'S':'a'},':empty':{'S':''},"            \
    "':list':{'L':[{'N':'1.0'},{'S':'x'},{'L':[{'S':'deep'}]}]},':N':{'S':'N'},':S':{'S':'S'},"    \
    "':map':{'M':{'p':{'N':'5.0'}}},':deep':{'L':[{'S':'deep'}]}}"

#define NAMES "{'#st':'status','#dot':'m.k','#k':'k'}"

static const struct condition {
    const char *text;
    bool want;
} conditions[] = {
    {"s = :hello",                                      true },
    {"s <> :hello",                                     false},
    {"s = :he",                                         false},
    {"n = :10",                                         true },
    {"n = r",                                           true },
    {"n < :20",                                         true },
    {"n < :10",                                         false},
    {"n <= :10",                                        true },
    {"n > :9",                                          true }, /* by value: "10" sorts before "9" as text */
    {"n >= :20",                                        false},
    {"s < :20",                                         false}, /* other types have no order */
    {"gone = :1",                                       false},
    {"gone <> :1",                                      true },
    {"gone < :1",                                       false},
    {"n BETWEEN :9 AND :20",                            true },
    {"n BETWEEN :1 AND :9",                             false},
    {"s BETWEEN :he AND :x",                            true },
    {"n IN (:1, :10)",                                  true },
    {"n IN (:1, :2)",                                   false},
    {"s IN (:hello)",                                   true },
    {"gone IN (:1)",                                    false},
    {"t = :true AND t <> :false",                       true },
    {"nul = :null",                                     true },
    {"ss = :ss",                                        true },
    {"ns = :ns",                                        true },
    {"l = :list",                                       true },
    {"m.o = :map",                                      true },
    {"l[0] = :1",                                       true },
    {"l[2][0] = :x",                                    false},
    {"l[2] = :deep",                                    true },
    {"l[9] = :1",                                       false},
    {"m.k = :x",                                        false},
    {"m.o.p = :5",                                      true },
    {"m.#k <> :x",                                      true },
    {"#dot = :x",                                       false}, /* one name with a dot in it, not a path */
    {"attribute_exists(#dot)",                          false},
    {"attribute_exists(m.o.p)",                         true },
    {"attribute_exists(m.o.q)",                         false},
    {"attribute_not_exists(gone)",                      true },
    {"attribute_not_exists(nul)",                       false},
    {"attribute_type(n, :N)",                           true },
    {"attribute_type(n, :S)",                           false},
    {"attribute_type(gone, :S)",                        false},
    {"begins_with(s, :he)",                             true },
    {"begins_with(s, :x)",                              false},
    {"begins_with(s, :empty)",                          true },
    {"begins_with(b, :bin)",                            true },
    {"begins_with(n, :he)",                             false},
    {"contains(s, :he)",                                true },
    {"contains(ss, :a)",                                true },
    {"contains(ss, :x)",                                false},
    {"contains(ns, :2)",                                true },
    {"contains(l, :x)",                                 true },
    {"contains(l, :deep)",                              true },
    {"contains(m, :x)",                                 false},
    {"contains(b, :bin)",                               true },
    {"size(s) = :5",                                    true },
    {"size(u) = :5",                                    true }, /* characters, not bytes */
    {"size(b) > :2",                                    true },
    {"size(l) > :2",                                    true },
    {"size(ss) = :2",                                   true },
    {"size(m) = :2",                                    true },
    {"size(n) = :2",                                    false},
    {"size(gone) < :5",                                 false},
    {":5 = size(s)",                                    true },
    {"#st = :x OR n = :10",                             true },
    {"n = :10 OR n = :9 AND n = :9",                    true }, /* AND binds tighter */
    {"(n = :10 OR n = :9) AND n = :9",                  false},
    {"NOT n = :9 AND n = :10",                          true }, /* NOT binds tightest */
    {"NOT (n = :9 AND n = :10)",                        true },
    {"NOT NOT n = :10",                                 true },
    {"not attribute_exists(s) or n between :9 and :20", true },
    {"(s) = (:hello)",                                  true },
    {"n = :10 AND (s = :hello AND (t = :true))",        true },
    {"n\n=\t:10",                                       true },
    {"n=:10 AND s=:hello",                              true },
};

static enum err_code try_condition(const char *text, const cJSON *names, const cJSON *values,
                                   const cJSON *item, bool *holds, struct err *e)
{
    struct ddb_expr_env *env = ddb_expr_env_new(names, values, true, e);
    cr_assert_not_null(env, "%s", e->msg);
    const struct ddb_expr_node *n = ddb_expr_parse_condition(env, text, "ConditionExpression", e);
    if (n != NULL) {
        *holds = ddb_expr_eval(n, item);
    }
    ddb_expr_env_free(env);
    return n == NULL ? e->code : E_OK;
}

Test(expr, conditions_hold_as_dynamodb_says)
{
    cJSON *item = parse(ITEM), *names = parse(NAMES), *values = parse(VALUES);

    for (size_t i = 0; i < sizeof conditions / sizeof *conditions; i++) {
        struct err e;
        bool holds = false;
        cr_expect_eq(try_condition(conditions[i].text, names, values, item, &holds, &e), E_OK,
                     "%s: %s", conditions[i].text, e.msg);
        cr_expect_eq(holds, conditions[i].want, "%s", conditions[i].text);
    }
    cJSON_Delete(item);
    cJSON_Delete(names);
    cJSON_Delete(values);
}

static const struct mistake {
    const char *text, *part;
} mistakes[] = {
    {"",                                 "The expression can not be empty;"                                         },
    {" \t ",                             "The expression can not be empty;"                                         },
    {"a",                                "Syntax error; token: \"<EOF>\", near: \"a\""                              },
    {"a =",                              "Syntax error; token: \"<EOF>\", near: \"=\""                              },
    {"= :1",                             "Syntax error; token: \"=\", near: \"= :1\""                               },
    {"a = :1 :2",                        "Syntax error; token: \":2\", near: \":1 :2\""                             },
    {"a == :1",                          "Syntax error; token: \"=\""                                               },
    {"a = :1 AND",                       "Syntax error; token: \"<EOF>\""                                           },
    {"(a = :1",                          "Syntax error; token: \"<EOF>\""                                           },
    {"a = :1)",                          "Syntax error; token: \")\""                                               },
    {"a BETWEEN :1",                     "Syntax error; token: \"<EOF>\""                                           },
    {"a IN ()",                          "Syntax error; token: \")\""                                               },
    {"a IN :1",                          "Syntax error; token: \":1\""                                              },
    {"NOT",                              "Syntax error; token: \"<EOF>\""                                           },
    {"a.",                               "Syntax error; token: \"<EOF>\""                                           },
    {"a[x] = :1",                        "Syntax error; token: \"x\""                                               },
    {"a[1 = :1",                         "Syntax error; token: \"=\""                                               },
    {"_a = :1",                          "Syntax error; token: \"_\""                                               },
    {"1a = :1",                          "Syntax error; token: \"1a\""                                              },
    {"a-b = :1",                         "Syntax error; token: \"-\""                                               },
    {"a = 'x'",                          "Syntax error; token: \"'\""                                               },
    {"a = :none",                        "attribute value used in expression is not defined; attribute value: :none"},
    {"#none = :1",                       "attribute name used in the document path is not defined; attribute name: "
                   "#none"                                                                        },
    {"status = :1",                      "Attribute name is a reserved keyword; reserved keyword: status"           },
    {"m.Name = :1",                      "reserved keyword: Name"                                                   },
    {"foo(a)",                           "Invalid function name; function: foo"                                     },
    {"Size(a) = :1",                     "Invalid function name; function: Size"                                    },
    {"begins_with(a)",                   "Incorrect number of operands for operator or function; operator or "
                       "function: begins_with, number of operands: 1"                         },
    {"attribute_exists(a, b)",           "number of operands: 2"                                                    },
    {"attribute_exists(:1)",             "requires a document path; operator or function: attribute_exists"         },
    {"begins_with(a, :1)",               "operator or function: begins_with, operand type: N"                       },
    {"a < :true",                        "operator or function: <, operand type: BOOL"                              },
    {"attribute_type(a, :he)",           "Invalid attribute type name found; type: he, valid types: "
                               "{B,NULL,SS,BOOL,L,BS,N,NS,S,M}"                       },
    {"size(a)",                          "Syntax error"                                                             },
    {"contains(a, attribute_exists(b))", "not allowed to be used this way in an expression"                         },
    {"if_not_exists(a, :1) = :1",        "not allowed in a condition expression"                                    },
    {"a = a",                            "must be distinct from the remaining operands for this operator or function; "
              "operator: =, first operand: [a]"                                                        },
    {"((a = :1))",                       "The expression has redundant parentheses;"                                },
    {"a = :1 AND ((b = :1))",            "The expression has redundant parentheses;"                                },
    {"a BETWEEN :20 AND :1",             "requires upper bound to be greater than or equal to lower bound; "
                             "lower bound operand: AttributeValue: {N:20}, upper bound operand: "
                             "AttributeValue: {N:1}"                                    },
    {"a BETWEEN :he AND :1",             "requires same data type for lower and upper bounds"                       },
    {"a[99999999999] = :1",              "List index is not within the allowable range"                             },
};

Test(expr, mistakes_are_named_in_the_words_of_the_service)
{
    cJSON *item = parse("{}"), *values = parse(VALUES);

    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        struct err e = {0};
        bool holds = false;
        cr_expect_eq(try_condition(mistakes[i].text, NULL, values, item, &holds, &e), E_INVALID,
                     "%s", mistakes[i].text);
        cr_expect(strncmp(e.msg, "Invalid ConditionExpression: ", 29) == 0, "%s", e.msg);
        cr_expect(strstr(e.msg, mistakes[i].part) != NULL, "%s: '%s' lacks '%s'", mistakes[i].text,
                  e.msg, mistakes[i].part);
    }
    cJSON_Delete(item);
    cJSON_Delete(values);
}

/* `text` repeated. Owned. */
static char *repeat(const char *first, const char *text, int times, const char *last)
{
    struct strbuf b = STRBUF_INIT;

    strbuf_adds(&b, first);
    for (int i = 0; i < times; i++) {
        strbuf_adds(&b, text);
    }
    strbuf_adds(&b, last);
    return strbuf_take(&b);
}

Test(expr, limits_hold)
{
    cJSON *item = parse("{}"), *values = parse(VALUES);
    const struct {
        char *text;
        const char *part;
    } cases[] = {
        {repeat("a = :1",   " ",          4096, ""),       "maximum allowed size; expression size: 4102"},
        {repeat("a = :1",   " OR a = :1", 160,  ""),       "too many operators"                         },
        {repeat("",         "NOT ",       200,  "a = :1"), "nested too deeply"                          },
        {repeat("",         "(NOT ",      200,  "a = :1"), "nested too deeply"                          },
        {repeat("a",        ".b",         32,   " = :1"),  "too many nesting levels"                    },
        {repeat("a IN (:1", ", :1",       100,  ")"),      "number of operands: 101"                    },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct err e = {0};
        bool holds = false;
        cr_expect_eq(try_condition(cases[i].text, NULL, values, item, &holds, &e), E_INVALID);
        cr_expect(strstr(e.msg, cases[i].part) != NULL, "'%s' lacks '%s'", e.msg, cases[i].part);
        free(cases[i].text);
    }
    cJSON_Delete(item);
    cJSON_Delete(values);
}

Test(expr, placeholders_are_checked)
{
    static const struct {
        const char *names, *values, *part;
    } cases[] = {
        {"{'a':'x'}",    "{':v':{'S':'a'}}", "contains invalid key: Syntax error; key:"   },
        {"{'#':'x'}",    "{':v':{'S':'a'}}", "contains invalid key"                       },
        {"{'#a-b':'x'}", "{':v':{'S':'a'}}", "contains invalid key"                       },
        {"{'#a':''}",    "{':v':{'S':'a'}}", "invalid value"                              },
        {"{'#a':5}",     "{':v':{'S':'a'}}", "Unexpected value type"                      },
        {"{'#a':'x'}",   "{}",               "ExpressionAttributeValues must not be empty"},
        {"{'#a':'x'}",   "{':v':{'N':'x'}}", "invalid value: "                            },
        {"{'#a':'x'}",   "{':v':{}}",        "for key :v"                                 },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct err e = {0};
        cJSON *names = parse(cases[i].names), *values = parse(cases[i].values);
        struct ddb_expr_env *env = ddb_expr_env_new(names, values, true, &e);
        cr_expect_null(env, "%s %s", cases[i].names, cases[i].values);
        cr_expect(strstr(e.msg, cases[i].part) != NULL, "'%s' lacks '%s'", e.msg, cases[i].part);
        ddb_expr_env_free(env);
        cJSON_Delete(names);
        cJSON_Delete(values);
    }
}

/* ---- projections ------------------------------------------------------------------------ */

static const struct projection {
    const char *text, *want;
} projections[] = {
    {"s, n",          "{'s':{'S':'hello'},'n':{'N':'10'}}"                   },
    {"gone",          "{}"                                                   },
    {"m.o.p",         "{'m':{'M':{'o':{'M':{'p':{'N':'5'}}}}}}"              },
    {"m.k, m.o",      "{'m':{'M':{'k':{'S':'v'},'o':{'M':{'p':{'N':'5'}}}}}}"},
    {"l[2][0], l[0]", "{'l':{'L':[{'N':'1'},{'L':[{'S':'deep'}]}]}}"         },
    {"l[7]",          "{}"                                                   },
    {"s.x, n[0]",     "{}"                                                   },
    {"#st",           "{'status':{'S':'DONE'}}"                              },
};

Test(expr, a_projection_keeps_only_what_it_names)
{
    cJSON *item = parse(ITEM), *names = parse(NAMES);

    for (size_t i = 0; i < sizeof projections / sizeof *projections; i++) {
        struct err e;
        struct ddb_expr_projection p;
        struct ddb_expr_env *env = ddb_expr_env_new(names, NULL, true, &e);
        cr_assert_eq(ddb_expr_parse_projection(env, projections[i].text, &p, &e), E_OK, "%s",
                     e.msg);
        cJSON *got = ddb_expr_project(p.paths, p.len, item);
        cJSON *want = parse(projections[i].want);
        char *got_text = json_text(got), *want_text = json_text(want);
        cr_expect_str_eq(got_text, want_text, "%s", projections[i].text);
        free(got_text);
        free(want_text);
        cJSON_Delete(got);
        cJSON_Delete(want);
        ddb_expr_env_free(env);
    }
    cJSON_Delete(item);
    cJSON_Delete(names);
}

static const struct mistake projection_mistakes[] = {
    {"a, a.b",       "overlap with each other; must remove or rewrite one of these paths; path one: [a], "
               "path two: [a, b]"                 },
    {"a.b, a[0]",    "conflict with each other"                 },
    {"a[1], a[1].b", "path one: [a, [1]], path two: [a, [1], b]"},
    {"a,",           "Syntax error; token: \"<EOF>\""           },
    {"a b",          "Syntax error; token: \"b\""               },
    {"a = :v",       "Syntax error; token: \"=\""               },
    {"name",         "reserved keyword: name"                   },
};

Test(expr, wrong_projections_are_refused)
{
    for (size_t i = 0; i < sizeof projection_mistakes / sizeof *projection_mistakes; i++) {
        struct err e = {0};
        struct ddb_expr_projection p;
        struct ddb_expr_env *env = ddb_expr_env_new(NULL, NULL, true, &e);
        cr_expect_eq(ddb_expr_parse_projection(env, projection_mistakes[i].text, &p, &e),
                     E_INVALID);
        cr_expect(strstr(e.msg, projection_mistakes[i].part) != NULL, "'%s' lacks '%s'", e.msg,
                  projection_mistakes[i].part);
        ddb_expr_env_free(env);
    }
}

/* ---- updates ---------------------------------------------------------------------------- */

#define OLD                                                                                        \
    "{'n':{'N':'10'},'s':{'S':'x'},'l':{'L':[{'N':'0'},{'N':'1'},{'N':'2'},{'N':'3'}]},"           \
    "'m':{'M':{'k':{'N':'1'}}},'ss':{'SS':['a','b']},'ns':{'NS':['1','2']}}"
#define UPDATE_VALUES                                                                              \
    "{':1':{'N':'1'},':s':{'S':'new'},':l':{'L':[{'S':'z'}]},':e':{'L':[]},':ss':{'SS':['b','c']}" \
    ","                                                                                            \
    "':ns':{'NS':['2.0','3']},':all':{'SS':['a','b']},':m':{'M':{}}}"

static const struct update {
    const char *text;
    const char *names[2], *want[2]; /* members of the new item; want NULL: gone */
} updates[] = {
    {"SET n = n + :1",                                {"n"},      {"{'N':'11'}"}                                       },
    {"SET n = :1 - n",                                {"n"},      {"{'N':'-9'}"}                                       },
    {"set n = n - :1 remove s",                       {"n", "s"}, {"{'N':'9'}", NULL}                                  },
    {"SET s = n, n = s",                              {"s", "n"}, {"{'N':'10'}", "{'S':'x'}"}                          }, /* both from the old item */
    {"SET x = if_not_exists(x, :s)",                  {"x"},      {"{'S':'new'}"}                                      },
    {"SET n = if_not_exists(n, :s)",                  {"n"},      {"{'N':'10'}"}                                       },
    {"SET c = if_not_exists(c, :1) + :1",             {"c"},      {"{'N':'2'}"}                                        },
    {"SET l = list_append(l, :l)",
     {"l"},
     {"{'L':[{'N':'0'},{'N':'1'},{'N':'2'},{'N':'3'},{'S':'z'}]}"}                                                     },
    {"SET q = list_append(if_not_exists(q, :e), :l)", {"q"},      {"{'L':[{'S':'z'}]}"}                                },
    {"SET m.k = :s, m.j = n",                         {"m"},      {"{'M':{'k':{'S':'new'},'j':{'N':'10'}}}"}           },
    {"SET l[1] = :s",                                 {"l"},      {"{'L':[{'N':'0'},{'S':'new'},{'N':'2'},{'N':'3'}]}"}},
    {"SET l[9] = :s, l[7] = :1",
     {"l"},
     {"{'L':[{'N':'0'},{'N':'1'},{'N':'2'},{'N':'3'},{'N':'1'},{'S':'new'}]}"}                                         },
    {"REMOVE l[0], l[2]",                             {"l"},      {"{'L':[{'N':'1'},{'N':'3'}]}"}                      },
    {"REMOVE l[0] SET l[1] = :s",                     {"l"},      {"{'L':[{'S':'new'},{'N':'2'},{'N':'3'}]}"}          },
    {"REMOVE l[99], m.gone, gone",                    {"n"},      {"{'N':'10'}"}                                       },
    {"ADD n :1",                                      {"n"},      {"{'N':'11'}"}                                       },
    {"ADD x :1",                                      {"x"},      {"{'N':'1'}"}                                        },
    {"ADD ss :ss",                                    {"ss"},     {"{'SS':['a','b','c']}"}                             },
    {"ADD ns :ns",                                    {"ns"},     {"{'NS':['1','2','3']}"}                             },
    {"ADD m.k :1, m.x :ss",                           {"m"},      {"{'M':{'k':{'N':'2'},'x':{'SS':['b','c']}}}"}       },
    {"DELETE ss :ss",                                 {"ss"},     {"{'SS':['a']}"}                                     },
    {"DELETE ss :all",                                {"ss"},     {NULL}                                               }, /* no empty sets */
    {"DELETE gone :ss",                               {"n"},      {"{'N':'10'}"}                                       },
    {"SET (n) = :1",                                  {NULL},     {NULL}                                               },
};

static cJSON *apply(const char *text, struct err *e)
{
    cJSON *item = parse(OLD), *values = parse(UPDATE_VALUES);
    struct ddb_expr_update u;
    struct ddb_expr_env *env = ddb_expr_env_new(NULL, values, true, e);

    cr_assert_not_null(env, "%s", e->msg);
    if (ddb_expr_parse_update(env, text, &u, e) != E_OK || ddb_expr_apply(&u, item, e) != E_OK) {
        cJSON_Delete(item);
        item = NULL;
    }
    ddb_expr_env_free(env);
    cJSON_Delete(values);
    return item;
}

Test(expr, updates_change_what_they_name)
{
    for (size_t i = 0; i < sizeof updates / sizeof *updates; i++) {
        struct err e = {0};
        const struct update *u = &updates[i];
        cJSON *item = apply(u->text, &e);
        if (u->names[0] == NULL) {
            cr_expect_null(item, "%s", u->text);
            continue;
        }
        cr_assert_not_null(item, "%s: %s", u->text, e.msg);
        for (size_t k = 0; k < 2 && u->names[k] != NULL; k++) {
            const cJSON *got = json_get(item, u->names[k]);
            cr_expect_eq(got != NULL, u->want[k] != NULL, "%s", u->text);
            if (got != NULL && u->want[k] != NULL) {
                cJSON *want = parse(u->want[k]);
                char *a = json_text(got), *b = json_text(want);
                cr_expect_str_eq(a, b, "%s", u->text);
                free(a);
                free(b);
                cJSON_Delete(want);
            }
        }
        cJSON_Delete(item);
    }
}

static const struct mistake update_mistakes[] = {
    {"",                                 "Invalid UpdateExpression: The expression can not be empty;"                 },
    {"n = :1",                           "Invalid UpdateExpression: Syntax error; token: \"n\""                       },
    {"SET",                              "Syntax error; token: \"<EOF>\""                                             },
    {"SET n",                            "Syntax error; token: \"<EOF>\""                                             },
    {"SET n = ",                         "Syntax error; token: \"<EOF>\""                                             },
    {"SET n = :1 + :1 + :1",             "Syntax error; token: \"+\""                                                 },
    {"SET n = :1, SET s = :1",           "reserved keyword: SET"                                                      },
    {"SET n = :1 SET s = :1",            "The \"SET\" section can only be used once"                                  },
    {"ADD n n",                          "Syntax error; token: \"n\""                                                 },
    {"ADD n :s",                         "operator: ADD, operand type: STRING, typeset: ALLOWED_FOR_ADD_OPERAND"      },
    {"DELETE ss :1",                     "operator: DELETE, operand type: NUMBER, typeset: ALLOWED_FOR_DELETE_OPERAND"},
    {"SET n = :1, n = :s",               "overlap with each other; must remove or rewrite one of these paths; "
                           "path one: [n], path two: [n]"                                   },
    {"SET m = :m REMOVE m.k",            "overlap"                                                                    },
    {"SET m.a = :1, m[0] = :1",          "conflict"                                                                   },
    {"SET n = size(n)",                  "Invalid function name; function: size"                                      },
    {"SET n = if_not_exists(n)",         "number of operands: 1"                                                      },
    {"SET n = if_not_exists(:1, n)",     "requires a document path"                                                   },
    {"SET n = list_append(:s, l)",       "operator or function: list_append, operand type: S"                         },
    {"SET n = n + :s",                   "operator or function: +, operand type: S"                                   },
    {"SET n = if_not_exists(n, n + :1)", "Syntax error; token: \"+\""                                                 },
    {"SET n = gone",                     "refers to an attribute that does not exist in the item"                     },
    {"SET n = s + :1",                   "An operand in the update expression has an incorrect data type"             },
    {"SET n = list_append(l, s)",        "incorrect data type"                                                        },
    {"ADD s :1",                         "incorrect data type"                                                        },
    {"ADD ss :ns",                       "incorrect data type"                                                        },
    {"DELETE n :ss",                     "incorrect data type"                                                        },
    {"SET gone.x = :1",                  "document path provided in the update expression is invalid for update"      },
    {"SET s.x = :1",                     "invalid for update"                                                         },
    {"SET m[0] = :1",                    "invalid for update"                                                         },
    {"SET l.x = :1",                     "invalid for update"                                                         },
    {"REMOVE gone.x",                    "invalid for update"                                                         },
};

Test(expr, wrong_updates_are_refused)
{
    for (size_t i = 0; i < sizeof update_mistakes / sizeof *update_mistakes; i++) {
        struct err e = {0};
        cJSON *item = apply(update_mistakes[i].text, &e);
        cr_expect_null(item, "%s", update_mistakes[i].text);
        cr_expect_eq(e.code, E_INVALID);
        cr_expect(strstr(e.msg, update_mistakes[i].part) != NULL, "%s: '%s' lacks '%s'",
                  update_mistakes[i].text, e.msg, update_mistakes[i].part);
        cJSON_Delete(item);
    }
}

/* ---- the rest --------------------------------------------------------------------------- */

Test(expr, no_part_of_an_expression_crashes_the_parser)
{
    static const char text[] =
        "SET #a[0].b = if_not_exists(c.d[1], :v) + :w, e = list_append(:l, f) REMOVE g "
        "ADD h :s DELETE i :s (a = :v AND NOT b IN (:v, :w)) OR size(c) BETWEEN :v AND :w";
    cJSON *values = parse("{':v':{'N':'1'},':w':{'N':'2'},':l':{'L':[]},':s':{'SS':['x']}}");
    cJSON *names = parse("{'#a':'status'}");
    cJSON *item = parse(OLD);

    for (size_t from = 0; from < sizeof text; from++) {
        for (size_t len = 0; from + len < sizeof text; len += 3) {
            struct err e;
            char *part = xstrndup(text + from, len);
            struct ddb_expr_env *env = ddb_expr_env_new(names, values, true, &e);
            struct ddb_expr_update u;
            struct ddb_expr_projection p;
            const struct ddb_expr_node *n = ddb_expr_parse_condition(env, part, "X", &e);
            if (n != NULL) {
                (void)ddb_expr_eval(n, item);
            }
            if (ddb_expr_parse_update(env, part, &u, &e) == E_OK) {
                cJSON *copy = json_copy(item);
                cr_expect(ddb_expr_apply(&u, copy, &e) == E_OK || e.code == E_INVALID);
                cJSON_Delete(copy);
            }
            cr_expect(ddb_expr_parse_projection(env, part, &p, &e) == E_OK || e.code == E_INVALID);
            ddb_expr_env_free(env);
            free(part);
        }
    }
    cJSON_Delete(values);
    cJSON_Delete(names);
    cJSON_Delete(item);
}

Test(expr, reserved_words_are_known_in_any_case)
{
    static const char *const reserved[] = {"ABORT",  "status", "Name",   "zone",
                                           "values", "data",   "source", "timestamp"};
    static const char *const free_words[] = {"jobId", "userId", "abor", "aborts", "x", ""};

    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++) {
        cr_expect(ddb_expr_is_reserved(reserved[i], strlen(reserved[i])), "%s", reserved[i]);
    }
    for (size_t i = 0; i < sizeof free_words / sizeof *free_words; i++) {
        cr_expect_not(ddb_expr_is_reserved(free_words[i], strlen(free_words[i])), "%s",
                      free_words[i]);
    }
}
