/* What a record tells besides struct job; which attributes are known, and what they are for. */
#include <stdio.h>
#include <stdlib.h>

#include "core/strbuf.h"
#include "jobs/attrs.h"
#include "jobs_help.h"
#include "src/jobs/attr_rows.h"

/* "label=text" of each, with " | " between and " || " before the unknown ones. Owned. */
static char *all(const char *attributes)
{
    char *s = xasprintf("{'jobId':{'S':'j'}%s%s}", *attributes == '\0' ? "" : ",", attributes);
    cJSON *item = help_json(s);
    struct strbuf b = STRBUF_INIT;
    struct facts f;

    facts_read(&f, item);
    for (size_t i = 0; i < f.len; i++) {
        strbuf_addf(&b, "%s%s=%s",
                    i == f.other ? " || "
                    : i == 0     ? ""
                                 : " | ",
                    f.items[i].label, f.items[i].text);
    }
    facts_clear(&f);
    cJSON_Delete(item);
    free(s);
    return strbuf_take(&b);
}

static const struct {
    const char *attributes, *want;
} cases[] = {
    {"",                                                                                         ""                                                   },
 /* repository */
    {"'resources':{'M':{'githubRepo':{'M':{'name':{'S':'zoo/app'},'branch':{'S':'dev'}}}}}",
     "repo name=zoo/app | branch=dev"                                                                                                                 },
    {"'githubRepo':{'M':{'name':{'S':'zoo/app'},'url':{'S':'https://git.example/zoo'}}}",
     "repo name=zoo/app"                                                                                                                              },
    {"'githubRepo':{'S':'https://git.example/zoo'},'repoName':{'S':'zoo'}",                      "repo name=zoo"                                      },
    {"'resources':{'M':{'githubRepo':{'S':'https://git.example/zoo'}}}",                         ""                                                   },
    {"'githubRepo':{'M':{'owner':{'S':'zoo'}}}",                                                 " || githubRepo.owner=zoo"                           },
 /* deployment */
    {"'resources':{'M':{'vercel':{'M':{'projectId':{'S':'prj_8'}}}}}",                           "vercel=project prj_8"                               },
    {"'resources':{'M':{'vercel':{'M':{'deploymentId':{'S':'dpl_9'},'url':{'S':'a.b'}}}}}",
     "vercel=deployment dpl_9, a.b"                                                                                                                   },
    {"'resources':{'M':{'vercel':{'M':{'region':{'S':'fra1'}}}}}",
     " || resources.vercel.region=fra1"                                                                                                               },
    {"'resources':{'S':'none'}",                                                                 " || resources=none"                                 },
    {"'resources':{'NULL':true},'urls':{'NULL':true},'metadata':{'M':{}}",                       ""                                                   },
 /* logs: a text, a list of texts, a set, a list of maps, a mix */
    {"'executionLogs':{'S':'one\\ntwo\\r\\n\\nthree'}",
     "executionLogs=one | executionLogs=two | executionLogs=three"                                                                                    },
    {"'executionLogs':{'L':[{'S':'one'},{'S':''},{'NULL':true},{'S':'two'}]}",
     "executionLogs=one | executionLogs=two"                                                                                                          },
    {"'executionLogs':{'SS':['one','two']}",                                                     "executionLogs=one | executionLogs=two"              },
    {"'executionLogs':{'L':[{'M':{'time':{'N':'17'},'stage':{'S':'BUILD'},'msg':{'S':'ok'}}}]}",
     "executionLogs=17  BUILD  ok"                                                                                                                    },
    {"'executionLogs':{'L':[{'M':{'n':{'N':'1.50'}}},{'N':'7'}]}",
     "executionLogs={\"n\":1.50} | executionLogs=7"                                                                                                   },
    {"'executionLogs':{'M':{'message':{'S':'alone'}}}",                                          "executionLogs=alone"                                },
    {"'executionLogs':{'S':'https://u:pw1@logs.example/7'}",
     "executionLogs=https://u:****@logs.example/7"                                                                                                    },
    {"'executionLogs':{'BOOL':false}",                                                           "executionLogs=false"                                },
    {"'executionLogs':'x'",                                                                      ""                                                   },
 /* unknown ones, of each type */
    {"'tone':{'S':'warm'},'seats':{'N':'90071992547409931'},'live':{'BOOL':true},'gone':{'NULL':"
     "true},'blank':{'S':''}",                                                              " || tone=warm | seats=90071992547409931 | live=true"},
    {"'tags':{'SS':['x','y']},'sizes':{'NS':['1','2.5']},'key':{'B':'AAEC'}",
     " || tags=[\"x\",\"y\"] | sizes=[1,2.5] | key=4 characters of base64"                                                                            },
    {"'brief':{'M':{'who':{'L':[{'S':'me'},{'NULL':true}]}}}",                                   " || brief={\"who\":[\"me\",null]}"                  },
    {"'odd':{'X':1},'odder':7,'oddest':null",                                                    ""                                                   },
 /* known ones that nothing else shows, and unknown members of known maps */
    {"'cancelledBy':{'S':'ann'},'exitCode':{'N':'3'}",                                           " || cancelledBy=ann | exitCode=3"                   },
    {"'urls':{'M':{'staging':{'S':'https://s'},'docs':{'S':'https://d'}}}",
     " || urls.docs=https://d"                                                                                                                        },
    {"'timestamps':{'M':{'createdAt':{'S':'2026-01-01'},'paidAt':{'S':'2026-01-02'}}}",
     " || timestamps.paidAt=2026-01-02"                                                                                                               },
    {"'metadata':{'M':{'businessName':{'S':'B'},'userInstructions':{'S':'blue'}}}",
     " || metadata.userInstructions=blue"                                                                                                             },
 /* secrets by their name, and in texts */
    {"'dbPassword':{'S':'p1'},'apiKey':{'N':'42'},'metadata':{'M':{'authToken':{'S':'t'}}}",
     " || dbPassword=**** | apiKey=**** | metadata.authToken=****"                                                                                    },
    {"'note':{'S':'use postgresql://a:b@c/d'},'founderdashDbUrl':{'S':'postgresql://a:b@c/d'}",
     " || note=use postgresql://a:****@c/d | founderdashDbUrl=postgresql://a:****@c/d"                                                                },
};

Test(facts, records_of_every_shape_tell_what_they_have)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *got = all(cases[i].attributes);
        cr_expect_str_eq(got, cases[i].want, "%s: %s", cases[i].attributes, got);
        free(got);
    }
}

Test(facts, long_and_many_ones_are_bounded)
{
    cJSON *item = json_new_object(), *lines = json_new_array(), *list = json_new_object();
    char *text = xmalloc(5001);
    struct facts f;

    for (size_t i = 0; i < 5000; i += 2) {
        memcpy(text + i, "\xc3\xa9", 2);
    }
    text[5000] = '\0';
    for (int i = 0; i < 1000; i++) {
        cJSON *av = json_new_object(), *line = json_new_object();
        char name[16];
        (void)snprintf(name, sizeof name, "extra%d", i);
        json_set_str(av, "S", text);
        json_set(item, name, av);
        json_set_str(line, "S", name);
        json_push(lines, line);
    }
    json_set(list, "L", lines);
    json_set(item, "executionLogs", list);
    facts_read(&f, item);
    cr_assert_eq(f.other, FACTS_LOGS_MAX + 1);
    cr_expect_str_eq(f.items[0].text, "(992 earlier lines are in the record)");
    cr_expect_str_eq(f.items[1].text, "extra992");
    cr_expect_str_eq(f.items[FACTS_LOGS_MAX].text, "extra999");
    cr_expect_eq(f.len - f.other, FACTS_OTHER_MAX);
    cr_expect_eq(f.more, 1000 - FACTS_OTHER_MAX);
    cr_expect_eq(strlen(f.items[f.other].text), FACT_MAX + 3, "whole characters, then three dots");
    facts_clear(&f);
    free(text);
    cJSON_Delete(item);
}

Test(facts, what_is_no_record_tells_nothing)
{
    static const char *const odd[] = {"[]", "7", "null", "[{'S':'x'}]", "'text'"};
    struct facts f;

    facts_read(&f, NULL);
    cr_expect_eq(f.len, 0);
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        cJSON *v = help_json(odd[i]);
        facts_read(&f, v);
        cr_expect_eq(f.len, 0, "%s", odd[i]);
        facts_clear(&f);
        cJSON_Delete(v);
    }
}

Test(facts, the_table_of_attributes_is_in_the_order_of_its_search)
{
    const struct attr_row *rows;
    size_t n = attr_rows(&rows);

    for (size_t i = 0; i < n; i++) {
        cr_expect(i == 0 || strcmp(rows[i - 1].name, rows[i].name) < 0, "%s", rows[i].name);
        cr_expect_eq(attr_use(rows[i].name), rows[i].use, "%s", rows[i].name);
    }
    cr_expect_eq(attr_use("productDescription"), ATTR_USE_OTHER);
    cr_expect_eq(attr_use(""), ATTR_USE_OTHER);
    cr_expect_eq(attr_use("zzz"), ATTR_USE_OTHER);
}
