/* EventBridge's event patterns. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "core/json.h"
#include "src/cloud/events/pattern.h"

/* Each pattern is put under "f" unless it begins with '{'; so is each event value. */
static const struct match_case {
    const char *pattern, *event;
    bool want;
} cases[] = {
  /* equals */
    {"[\"a\"]",                                                               "\"a\"",                                            true },
    {"[\"a\"]",                                                               "\"A\"",                                            false},
    {"[\"a\"]",                                                               "\"ab\"",                                           false},
    {"[\"a\",\"b\"]",                                                         "\"b\"",                                            true },
    {"[\"\"]",                                                                "\"\"",                                             true },
    {"[\"\"]",                                                                "null",                                             false},
    {"[\"1\"]",                                                               "1",                                                false},
    {"[1]",                                                                   "\"1\"",                                            false},
    {"[1]",                                                                   "1",                                                true },
    {"[1]",                                                                   "1.0",                                              true },
    {"[-0.5]",                                                                "-0.5",                                             true },
    {"[300]",                                                                 "3.0e2",                                            true },
    {"[1]",                                                                   "2",                                                false},
    {"[true]",                                                                "true",                                             true },
    {"[true]",                                                                "false",                                            false},
    {"[false]",                                                               "false",                                            true },
    {"[true]",                                                                "\"true\"",                                         false},
    {"[null]",                                                                "null",                                             true },
    {"[null]",                                                                "\"null\"",                                         false},
    {"[null]",                                                                "0",                                                false},
    {"[\"a\"]",                                                               "{\"a\":1}",                                        false},
    {"{\"g\":[\"a\"]}",                                                       "{\"f\":\"a\"}",                                    false},
    {"[\"caf\\u00e9\"]",                                                      "\"café\"",                                        true },
 /* arrays in the event: any element */
    {"[\"b\"]",                                                               "[\"a\",\"b\"]",                                    true },
    {"[\"c\"]",                                                               "[\"a\",\"b\"]",                                    false},
    {"[\"b\"]",                                                               "[[\"a\"],[\"b\"]]",                                true },
    {"[\"b\"]",                                                               "[]",                                               false},
    {"[\"a\",\"z\"]",                                                         "[\"a\",\"b\"]",                                    true },
    {"[{\"anything-but\":\"a\"}]",                                            "[\"a\",\"b\"]",                                    true },
    {"[{\"anything-but\":\"a\"}]",                                            "[\"a\"]",                                          false},
 /* nested objects; AND over fields; elements of one array together */
    {"{\"d\":{\"x\":[1],\"y\":[2]}}",                                         "{\"d\":{\"x\":1,\"y\":2,\"z\":3}}",                true },
    {"{\"d\":{\"x\":[1],\"y\":[2]}}",                                         "{\"d\":{\"x\":1,\"y\":3}}",                        false},
    {"{\"d\":{\"x\":[1]}}",                                                   "{\"d\":\"x\"}",                                    false},
    {"{\"d\":{\"x\":[1]}}",                                                   "{}",                                               false},
    {"{\"d\":{\"e\":{\"x\":[1]}}}",                                           "{\"d\":{\"e\":{\"x\":1}}}",                        true },
    {"{\"d\":{\"x\":[1],\"y\":[4]}}",                                         "{\"d\":[{\"x\":1,\"y\":2},{\"x\":3,\"y\":4}]}",    false},
    {"{\"d\":{\"x\":[3],\"y\":[4]}}",                                         "{\"d\":[{\"x\":1,\"y\":2},{\"x\":3,\"y\":4}]}",    true },
    {"{\"source\":[\"s\"],\"detail-type\":[\"t\"]}",                          "{\"source\":\"s\",\"detail-type\":\"t\"}",
     true                                                                                                                              },
    {"{\"source\":[\"s\"],\"detail-type\":[\"t\"]}",                          "{\"source\":\"s\",\"detail-type\":\"u\"}",
     false                                                                                                                             },
    {"{\"resources\":[{\"prefix\":\"arn:aws:batch\"}]}",
     "{\"resources\":[\"arn:aws:s3:::b\",\"arn:aws:batch:x\"]}",                                                                  true },
 /* prefix and suffix */
    {"[{\"prefix\":\"ab\"}]",                                                 "\"abc\"",                                          true },
    {"[{\"prefix\":\"ab\"}]",                                                 "\"ab\"",                                           true },
    {"[{\"prefix\":\"ab\"}]",                                                 "\"a\"",                                            false},
    {"[{\"prefix\":\"\"}]",                                                   "\"x\"",                                            true },
    {"[{\"prefix\":\"1\"}]",                                                  "12",                                               false},
    {"[{\"prefix\":{\"equals-ignore-case\":\"aB\"}}]",                        "\"Abc\"",                                          true },
    {"[{\"prefix\":{\"equals-ignore-case\":\"aB\"}}]",                        "\"xAb\"",                                          false},
    {"[{\"suffix\":\".png\"}]",                                               "\"i.png\"",                                        true },
    {"[{\"suffix\":\".png\"}]",                                               "\"i.PNG\"",                                        false},
    {"[{\"suffix\":\".png\"}]",                                               "\"png\"",                                          false},
    {"[{\"suffix\":{\"equals-ignore-case\":\".png\"}}]",                      "\"i.PnG\"",                                        true },
 /* equals-ignore-case */
    {"[{\"equals-ignore-case\":\"alice\"}]",                                  "\"ALICE\"",                                        true },
    {"[{\"equals-ignore-case\":\"alice\"}]",                                  "\"bob\"",                                          false},
    {"[{\"equals-ignore-case\":\"ÄÖ\"}]",                                   "\"äö\"",                                         true },
    {"[{\"equals-ignore-case\":\"ПРИВЕТ\"}]",                           "\"привет\"",                                 true },
    {"[{\"equals-ignore-case\":\"ŽLUŤ\"}]",                                 "\"žluť\"",                                       true },
    {"[{\"equals-ignore-case\":\"×\"}]",                                     "\"÷\"",                                           false},
 /* wildcard */
    {"[{\"wildcard\":\"a*b\"}]",                                              "\"ab\"",                                           true },
    {"[{\"wildcard\":\"a*b\"}]",                                              "\"a-x-b\"",                                        true },
    {"[{\"wildcard\":\"a*b\"}]",                                              "\"abc\"",                                          false},
    {"[{\"wildcard\":\"*\"}]",                                                "\"\"",                                             true },
    {"[{\"wildcard\":\"*.txt\"}]",                                            "\"a.txt.txt\"",                                    true },
    {"[{\"wildcard\":\"a*b*c\"}]",                                            "\"aXbYbZc\"",                                      true },
    {"[{\"wildcard\":\"a*b*c\"}]",                                            "\"aXcYc\"",                                        false},
    {"[{\"wildcard\":\"a\\\\*b\"}]",                                          "\"a*b\"",                                          true },
    {"[{\"wildcard\":\"a\\\\*b\"}]",                                          "\"axb\"",                                          false},
    {"[{\"wildcard\":\"a\\\\\\\\b\"}]",                                       "\"a\\\\b\"",                                       true },
    {"[{\"wildcard\":\"abc\"}]",                                              "\"abc\"",                                          true },
    {"[{\"wildcard\":\"*a*a*a*a*b\"}]",                                       "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"", false},
 /* anything-but */
    {"[{\"anything-but\":\"a\"}]",                                            "\"b\"",                                            true },
    {"[{\"anything-but\":\"a\"}]",                                            "\"a\"",                                            false},
    {"[{\"anything-but\":\"a\"}]",                                            "1",                                                true },
    {"[{\"anything-but\":\"a\"}]",                                            "null",                                             true },
    {"[{\"anything-but\":1}]",                                                "1",                                                false},
    {"[{\"anything-but\":1}]",                                                "2",                                                true },
    {"[{\"anything-but\":[\"a\",\"b\"]}]",                                    "\"b\"",                                            false},
    {"[{\"anything-but\":[\"a\",\"b\"]}]",                                    "\"c\"",                                            true },
    {"[{\"anything-but\":[1,2]}]",                                            "2",                                                false},
    {"[{\"anything-but\":[1,2]}]",                                            "3",                                                true },
    {"[{\"anything-but\":{\"prefix\":\"a\"}}]",                               "\"ab\"",                                           false},
    {"[{\"anything-but\":{\"prefix\":\"a\"}}]",                               "\"b\"",                                            true },
    {"[{\"anything-but\":{\"prefix\":[\"a\",\"b\"]}}]",                       "\"bc\"",                                           false},
    {"[{\"anything-but\":{\"prefix\":[\"a\",\"b\"]}}]",                       "\"cb\"",                                           true },
    {"[{\"anything-but\":{\"suffix\":\"a\"}}]",                               "\"ba\"",                                           false},
    {"[{\"anything-but\":{\"suffix\":\"a\"}}]",                               "\"ab\"",                                           true },
    {"[{\"anything-but\":{\"equals-ignore-case\":\"A\"}}]",                   "\"a\"",                                            false},
    {"[{\"anything-but\":{\"equals-ignore-case\":[\"A\",\"B\"]}}]",           "\"b\"",                                            false},
    {"[{\"anything-but\":{\"equals-ignore-case\":[\"A\",\"B\"]}}]",           "\"c\"",                                            true },
    {"[{\"anything-but\":{\"wildcard\":\"a*\"}}]",                            "\"ab\"",                                           false},
    {"[{\"anything-but\":{\"wildcard\":\"a*\"}}]",                            "\"ba\"",                                           true },
    {"{\"g\":[{\"anything-but\":\"a\"}]}",                                    "{}",                                               false},
 /* numeric */
    {"[{\"numeric\":[\"=\",5]}]",                                             "5",                                                true },
    {"[{\"numeric\":[\"=\",5]}]",                                             "5.5",                                              false},
    {"[{\"numeric\":[\"<\",5]}]",                                             "4.99",                                             true },
    {"[{\"numeric\":[\"<\",5]}]",                                             "5",                                                false},
    {"[{\"numeric\":[\"<=\",5]}]",                                            "5",                                                true },
    {"[{\"numeric\":[\">\",5]}]",                                             "5",                                                false},
    {"[{\"numeric\":[\">\",5]}]",                                             "5.000001",                                         true },
    {"[{\"numeric\":[\">=\",5]}]",                                            "5",                                                true },
    {"[{\"numeric\":[\">\",0,\"<=\",5]}]",                                    "5",                                                true },
    {"[{\"numeric\":[\">\",0,\"<=\",5]}]",                                    "0",                                                false},
    {"[{\"numeric\":[\">\",0,\"<=\",5]}]",                                    "\"3\"",                                            false},
    {"[{\"numeric\":[\">\",0]}]",                                             "6e9",                                              false},
    {"[{\"numeric\":[\">\",0]}]",                                             "[-1,7]",                                           true },
 /* exists */
    {"[{\"exists\":true}]",                                                   "\"x\"",                                            true },
    {"[{\"exists\":true}]",                                                   "null",                                             true },
    {"[{\"exists\":true}]",                                                   "{\"a\":1}",                                        false},
    {"[{\"exists\":true}]",                                                   "[]",                                               false},
    {"[{\"exists\":false}]",                                                  "\"x\"",                                            false},
    {"[{\"exists\":false}]",                                                  "{\"a\":1}",                                        true },
    {"{\"g\":[{\"exists\":false}]}",                                          "{}",                                               true },
    {"{\"g\":{\"h\":[{\"exists\":false}]}}",                                  "{}",                                               true },
    {"{\"g\":{\"h\":[{\"exists\":true}]}}",                                   "{}",                                               false},
    {"{\"g\":[{\"exists\":false},\"a\"]}",                                    "{\"g\":\"a\"}",                                    true },
    {"{\"g\":[{\"exists\":false},\"a\"]}",                                    "{\"g\":\"b\"}",                                    false},
 /* cidr */
    {"[{\"cidr\":\"10.0.0.0/24\"}]",                                          "\"10.0.0.255\"",                                   true },
    {"[{\"cidr\":\"10.0.0.0/24\"}]",                                          "\"10.0.1.0\"",                                     false},
    {"[{\"cidr\":\"10.0.0.128/25\"}]",                                        "\"10.0.0.127\"",                                   false},
    {"[{\"cidr\":\"10.0.0.128/25\"}]",                                        "\"10.0.0.129\"",                                   true },
    {"[{\"cidr\":\"0.0.0.0/0\"}]",                                            "\"8.8.8.8\"",                                      true },
    {"[{\"cidr\":\"0.0.0.0/0\"}]",                                            "\"::1\"",                                          false},
    {"[{\"cidr\":\"0.0.0.0/0\"}]",                                            "\"house\"",                                        false},
    {"[{\"cidr\":\"2001:db8::/33\"}]",                                        "\"2001:db8:7fff::1\"",                             true },
    {"[{\"cidr\":\"2001:db8::/33\"}]",                                        "\"2001:db8:8000::1\"",                             false},
    {"[{\"cidr\":\"10.0.0.8/31\"}]",                                          "\"10.0.0.9\"",                                     true },
    {"[{\"cidr\":\"10.0.0.8/31\"}]",                                          "\"10.0.0.10\"",                                    false},
    {"[{\"cidr\":\"::2/127\"}]",                                              "\"::3\"",                                          true },
 /* empty strings */
    {"[\"\"]",                                                                "\"\"",                                             true },
    {"[{\"anything-but\":\"\"}]",                                             "\"\"",                                             false},
    {"[{\"anything-but\":[\"\",\"a\"]}]",                                     "\"b\"",                                            true },
    {"[{\"anything-but\":{\"equals-ignore-case\":\"\"}}]",                    "\"b\"",                                            true },
    {"[{\"prefix\":\"\"}]",                                                   "\"b\"",                                            true },
 /* a key given twice: its last word counts, with what else is in its objects */
    {"{\"a\":[1],\"a\":[2]}",                                                 "{\"a\":1}",                                        false},
    {"{\"a\":[1],\"a\":[2]}",                                                 "{\"a\":2}",                                        true },
    {"{\"d\":{\"x\":[1]},\"d\":{\"x\":[2]}}",                                 "{\"d\":{\"x\":2}}",                                true },
    {"{\"d\":{\"x\":[1]},\"d\":{\"x\":[2]}}",                                 "{\"d\":{\"x\":1}}",                                false},
    {"{\"d\":{\"x\":[1]},\"d\":{\"y\":[2]}}",                                 "{\"d\":{\"y\":2}}",                                false},
    {"{\"d\":{\"x\":[1]},\"d\":{\"y\":[2]}}",                                 "{\"d\":{\"x\":1,\"y\":2}}",                        true },
 /* $or beside the same key: an object of the list has its own word on it, a later key the last
  */
    {"{\"a\":[1],\"$or\":[{\"a\":[2]},{\"b\":[3]}]}",                         "{\"a\":2}",                                        true },
    {"{\"a\":[1],\"$or\":[{\"a\":[2]},{\"b\":[3]}]}",                         "{\"a\":1,\"b\":3}",                                true },
    {"{\"a\":[1],\"$or\":[{\"a\":[2]},{\"b\":[3]}]}",                         "{\"a\":1}",                                        false},
    {"{\"a\":[1],\"$or\":[{\"a\":[2]},{\"b\":[3]}]}",                         "{\"b\":3}",                                        false},
    {"{\"$or\":[{\"a\":[2]},{\"b\":[3]}],\"a\":[1]}",                         "{\"a\":1}",                                        true },
    {"{\"$or\":[{\"a\":[2]},{\"b\":[3]}],\"a\":[1]}",                         "{\"a\":2}",                                        false},
    {"{\"d\":{\"a\":[1],\"$or\":[{\"a\":[2]},{\"b\":[3]}]}}",                 "{\"d\":{\"a\":2}}",                                true },
    {"{\"d\":{\"a\":[1]},\"$or\":[{\"d\":{\"a\":[2]}},{\"b\":[3]}]}",         "{\"d\":{\"a\":2}}",                                true },
    {"{\"$or\":[{\"a\":[1]},{\"b\":[2]}],\"$or\":[{\"c\":[3]},{\"d\":[4]}]}", "{\"a\":1,\"d\":4}",
     true                                                                                                                              },
    {"{\"$or\":[{\"a\":[1]},{\"b\":[2]}],\"$or\":[{\"c\":[3]},{\"d\":[4]}]}", "{\"d\":4}",                                        false},
    {"{\"l\":{\"$or\":[{\"a\":[1]},{\"b\":[2]}],\"c\":[3]}}",
     "{\"l\":[{\"a\":1},{\"b\":2,\"c\":3}]}",                                                                                     true },
    {"{\"l\":{\"$or\":[{\"a\":[1]},{\"b\":[2]}],\"c\":[3]}}",                 "{\"l\":[{\"a\":1},{\"c\":3}]}",
     false                                                                                                                             },
 /* $or */
    {"{\"$or\":[{\"a\":[1]},{\"b\":[2]}]}",                                   "{\"b\":2}",                                        true },
    {"{\"$or\":[{\"a\":[1]},{\"b\":[2]}]}",                                   "{\"a\":1,\"b\":3}",                                true },
    {"{\"$or\":[{\"a\":[1]},{\"b\":[2]}]}",                                   "{\"a\":2,\"b\":1}",                                false},
    {"{\"s\":[\"x\"],\"$or\":[{\"a\":[1]},{\"b\":[2]}]}",                     "{\"b\":2}",                                        false},
    {"{\"d\":{\"$or\":[{\"a\":[1]},{\"b\":{\"c\":[2]}}]}}",                   "{\"d\":{\"b\":{\"c\":2}}}",                        true },
    {"{\"$or\":[{\"a\":[1]},{\"$or\":[{\"b\":[2]},{\"c\":[3]}]}]}",           "{\"c\":3}",                                        true },
    {"{\"$or\":[\"x\"]}",                                                     "{\"$or\":\"x\"}",                                  true },
};

static struct cloud_events_pattern *compile(const char *text, struct err *e)
{
    char wrapped[512];
    struct cloud_events_pattern *p = NULL;

    if (text[0] != '{') {
        snprintf(wrapped, sizeof wrapped, "{\"f\":%s}", text);
        text = wrapped;
    }
    (void)!cloud_events_pattern_compile_text(text, strlen(text), &p, e);
    return p;
}

Test(pattern, matches_as_eventbridge_does)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct match_case *c = &cases[i];
        char event[512];
        struct err e;
        struct cloud_events_pattern *p = compile(c->pattern, &e);
        cr_assert_not_null(p, "%s: %s", c->pattern, e.msg);
        bool whole = c->event[0] == '{' && c->pattern[0] == '{';
        snprintf(event, sizeof event, whole ? "%s" : "{\"f\":%s}", c->event);
        cJSON *doc = json_parse(event, strlen(event), "event", &e);
        cr_assert_not_null(doc, "%s: %s", c->event, e.msg);
        cr_expect_eq(cloud_events_pattern_match(p, doc), c->want, "%s on %s", c->pattern, c->event);
        cJSON_Delete(doc);
        cloud_events_pattern_free(p);
    }
}

static const struct bad_case {
    const char *pattern, *why;
} bad[] = {
    {"{}",                                                               "Empty objects are not allowed"                           },
    {"{\"f\":{}}",                                                       "Empty objects are not allowed"                           },
    {"[]",                                                               "Empty arrays are not allowed"                            },
    {"\"x\"",                                                            "\"f\" must be an object or an array"                     },
    {"1",                                                                "must be an object or an array"                           },
    {"[[\"x\"]]",                                                        "Match value must be String, number, true, false, or null"},
    {"[{}]",                                                             "Empty objects are not allowed"                           },
    {"[{\"prefx\":\"a\"}]",                                              "Unrecognized match type prefx"                           },
    {"[{\"prefix\":1}]",                                                 "prefix match pattern must be a string"                   },
    {"[{\"prefix\":{\"suffix\":\"a\"}}]",                                "prefix only equals-ignore-case"                          },
    {"[{\"prefix\":\"a\",\"suffix\":\"b\"}]",                            "Only one key allowed in match expression"                },
    {"[{\"suffix\":null}]",                                              "suffix match pattern must be a string"                   },
    {"[{\"exists\":\"yes\"}]",                                           "exists match pattern must be either true or false."      },
    {"[{\"numeric\":5}]",                                                "Value of numeric must be an array."                      },
    {"[{\"numeric\":[]}]",                                               "Invalid member in numeric match"                         },
    {"[{\"numeric\":[\">\"]}]",                                          "Value of > must be numeric"                              },
    {"[{\"numeric\":[\"!\",1]}]",                                        "Unrecognized numeric range operator: !"                  },
    {"[{\"numeric\":[\">\",5,\"<\",5]}]",                                "Bottom must be less than top"                            },
    {"[{\"numeric\":[\">\",5,\">\",7]}]",                                "Bad numeric range operator: >"                           },
    {"[{\"numeric\":[\"<\",5,\"<\",7]}]",                                "Too many terms in numeric range expression"              },
    {"[{\"numeric\":[\"=\",5,\"<\",7]}]",                                "Too many terms in numeric range expression"              },
    {"[{\"numeric\":[\">\",1,\"<\",2,\"<\",3]}]",                        "Too many terms"                                          },
    {"[{\"numeric\":[\">\",6000000000]}]",                               "between -5.0E9 and +5.0E9"                               },
    {"[{\"wildcard\":\"a**b\"}]",                                        "Consecutive wildcard characters at pos 1"                },
    {"[{\"wildcard\":\"a\\\\b\"}]",                                      "Invalid escape character at pos 1"                       },
    {"[{\"wildcard\":7}]",                                               "wildcard match pattern must be a string"                 },
    {"[{\"cidr\":\"10.0.0.0\"}]",                                        "Malformed CIDR, one '/' required"                        },
    {"[{\"cidr\":\"10.0.0.0/33\"}]",                                     "IPv4 mask bits must be < 32"                             },
    {"[{\"cidr\":\"10.0.0.1/32\"}]",                                     "IPv4 mask bits must be < 32"                             },
    {"[{\"cidr\":\"::1/128\"}]",                                         "IPv6 mask bits must be < 128"                            },
    {"[{\"anything-but\":{\"prefix\":\"\"}}]",                           "Null prefix/suffix not allowed"                          },
    {"[{\"anything-but\":{\"suffix\":[\"a\",\"\"]}}]",                   "Null prefix/suffix not allowed"                          },
    {"[{\"anything-but\":{\"prefix\":{\"equals-ignore-case\":\"a\"}}}]", "must be a string"                                        },
    {"[{\"cidr\":\"house/8\"}]",                                         "Malformed CIDR"                                          },
    {"[{\"cidr\":\"10.0.0.0/8x\"}]",                                     "Malformed CIDR"                                          },
    {"[{\"anything-but\":[]}]",                                          "Empty arrays are not allowed"                            },
    {"[{\"anything-but\":[\"a\",1]}]",                                   "mixed type is not supported"                             },
    {"[{\"anything-but\":[null]}]",                                      "Inside anything but list"                                },
    {"[{\"anything-but\":null}]",                                        "Value of anything-but"                                   },
    {"[{\"anything-but\":{\"exists\":true}}]",                           "Unsupported anything-but pattern: exists"                },
    {"[{\"anything-but\":{\"prefix\":[]}}]",                             "Empty arrays are not allowed"                            },
    {"{\"$or\":[{\"a\":[1]}]}",                                          "at least 2 Objects in $or"                               },
    {"{\"f\":[1]",                                                       "Event pattern is not valid"                              },
    {"{\"f\":[1]} x",                                                    "Event pattern is not valid"                              },
};

Test(pattern, a_wrong_pattern_is_refused_with_the_reason)
{
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct err e = {.code = E_OK};
        struct cloud_events_pattern *p = compile(bad[i].pattern, &e);
        cr_expect_null(p, "%s", bad[i].pattern);
        cr_expect_eq(e.code, E_INVALID);
        cr_expect_not_null(strstr(e.msg, bad[i].why), "%s gave: %s", bad[i].pattern, e.msg);
        cr_expect_eq(strncmp(e.msg, "Event pattern is not valid. Reason: ", 36), 0, "%s", e.msg);
    }
}

Test(pattern, too_many_combinations_are_refused)
{
    char text[4096] = "{";
    struct cloud_events_pattern *p = NULL;
    struct err e;

    for (int i = 0; i < 10; i++) { /* 2^10 > 1000 */
        char one[128];
        snprintf(one, sizeof one, "%s\"k%d\":{\"$or\":[{\"a\":[1]},{\"b\":[2]}]}", i ? "," : "", i);
        strcat(text, one);
    }
    strcat(text, "}");
    cr_expect_eq(cloud_events_pattern_compile_text(text, strlen(text), &p, &e), E_INVALID);
    cr_expect_null(p);
}

Test(pattern, a_text_over_the_limit_is_refused)
{
    static char text[PATTERN_MAX_BYTES + 2];
    struct cloud_events_pattern *p = NULL;

    memset(text, ' ', sizeof text - 1);
    memcpy(text, "{\"f\":[1]}", 9);
    cr_expect_eq(cloud_events_pattern_compile_text(text, PATTERN_MAX_BYTES + 1, &p, NULL),
                 E_INVALID);
    cr_expect_eq(cloud_events_pattern_compile_text(text, PATTERN_MAX_BYTES, &p, NULL), E_OK);
    cloud_events_pattern_free(p);
}

Test(pattern, an_event_that_is_no_object_matches_only_absence)
{
    struct cloud_events_pattern *p = compile("{\"g\":[{\"exists\":false}]}", NULL);

    cr_expect(cloud_events_pattern_match(p, NULL));
    cloud_events_pattern_free(p);
    p = compile("[1]", NULL);
    cr_expect(!cloud_events_pattern_match(p, NULL));
    cloud_events_pattern_free(p);
}
