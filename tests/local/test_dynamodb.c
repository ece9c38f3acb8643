/* DynamoDB of the local cloud: tables, indexes, items, queries and scans. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/attr.h"
#include "cloud.h"
#include "core/json.h"
#include "core/strbuf.h"

static struct test_cloud c;

#define TABLE                                                                                      \
    "{'TableName':'jobs','BillingMode':'PAY_PER_REQUEST',"                                         \
    "'AttributeDefinitions':[{'AttributeName':'id','AttributeType':'S'},"                          \
    "{'AttributeName':'n','AttributeType':'N'},{'AttributeName':'user','AttributeType':'S'}],"     \
    "'KeySchema':[{'AttributeName':'id','KeyType':'HASH'},"                                        \
    "{'AttributeName':'n','KeyType':'RANGE'}],"                                                    \
    "'GlobalSecondaryIndexes':[{'IndexName':'by-user','KeySchema':["                               \
    "{'AttributeName':'user','KeyType':'HASH'},{'AttributeName':'n','KeyType':'RANGE'}],"          \
    "'Projection':{'ProjectionType':'ALL'}}],"                                                     \
    "'LocalSecondaryIndexes':[{'IndexName':'by-local','KeySchema':["                               \
    "{'AttributeName':'id','KeyType':'HASH'},{'AttributeName':'user','KeyType':'RANGE'}],"         \
    "'Projection':{'ProjectionType':'KEYS_ONLY'}}]}"

static void setup(void)
{
    cloud_open(&c);
    cloud_do(&c, AWS_OP_DDB_CREATE_TABLE, TABLE);
}

static void teardown(void)
{
    cloud_close(&c);
}

TestSuite(dynamodb, .init = setup, .fini = teardown, .timeout = 120);

static void put(const char *id, const char *n, const char *more)
{
    char text[1024];

    (void)snprintf(text, sizeof text,
                   "{'TableName':'jobs','Item':{'id':{'S':'%s'},'n':{'N':'%s'}%s}}", id, n, more);
    cloud_do(&c, AWS_OP_DDB_PUT_ITEM, text);
}

/* "1,2,3": the numbers of the items of a reply, in order. */
static char *numbers_of(const cJSON *reply)
{
    struct strbuf b = STRBUF_INIT;
    const cJSON *item = NULL;

    cJSON_ArrayForEach(item, json_array(reply, "Items"))
    {
        strbuf_addf(&b, "%s%s", b.len > 0 ? "," : "", attr_num(item, "n"));
    }
    return strbuf_take(&b);
}

static void expect_numbers(enum aws_op_id op, const char *request, const char *want)
{
    cJSON *out = cloud_call(&c, op, request);

    cr_assert_not_null(out, "%s: %s", request, c.e.msg);
    char *got = numbers_of(out);
    cr_expect_str_eq(got, want, "%s", request);
    free(got);
    cJSON_Delete(out);
}

/* ---- tables ----------------------------------------------------------------------------- */

Test(dynamodb, a_table_is_described_as_it_was_created)
{
    cJSON *out = cloud_call(&c, AWS_OP_DDB_DESCRIBE_TABLE, "{'TableName':'jobs'}");
    const cJSON *t = json_object(out, "Table");

    cr_expect_str_eq(json_str(t, "TableStatus"), "ACTIVE");
    cr_expect_eq(cJSON_GetArraySize(json_array(t, "KeySchema")), 2);
    cr_expect_eq(cJSON_GetArraySize(json_array(t, "GlobalSecondaryIndexes")), 1);
    cr_expect_str_eq(json_str(t, "TableArn"), "arn:aws:dynamodb:us-east-1:000000000000:table/jobs");
    cr_expect(cJSON_IsNumber(json_get(t, "CreationDateTime")));
    cr_expect_null(json_get(t, "StreamSpecification"));
    cJSON_Delete(out);
    cloud_refuses(&c, AWS_OP_DDB_CREATE_TABLE, TABLE, "ResourceInUseException", "already exists");
}

Test(dynamodb, wrong_table_definitions_are_refused_with_the_reason)
{
    static const struct {
        const char *json, *part;
    } cases[] = {
        {"{'TableName':'ab'}",                                                                             "at least 3 characters"                                 },
        {"{'TableName':'a b c'}",                                                                          "regular expression"                                    },
        {"{'TableName':'abc','AttributeDefinitions':[{'AttributeName':'a','AttributeType':'X'}],"
         "'KeySchema':[{'AttributeName':'a','KeyType':'HASH'}]}",                                 "enum value set: [B, N, S]"                             },
        {"{'TableName':'abc','AttributeDefinitions':[{'AttributeName':'a','AttributeType':'S'}],"
         "'KeySchema':[{'AttributeName':'b','KeyType':'HASH'}],'BillingMode':'PAY_PER_REQUEST'}", "not defined in AttributeDefinitions. Keys: [b]"        },
        {"{'TableName':'abc','AttributeDefinitions':[{'AttributeName':'a','AttributeType':'S'},"
         "{'AttributeName':'z','AttributeType':'S'}],'BillingMode':'PAY_PER_REQUEST',"
         "'KeySchema':[{'AttributeName':'a','KeyType':'HASH'}]}",                                 "AttributeDefinitions are not used"                     },
        {"{'TableName':'abc','AttributeDefinitions':[{'AttributeName':'a','AttributeType':'S'}],"
         "'KeySchema':[{'AttributeName':'a','KeyType':'HASH'}]}",                                 "must both be specified when BillingMode is PROVISIONED"},
        {"{'TableName':'abc','AttributeDefinitions':[{'AttributeName':'a','AttributeType':'S'}],"
         "'KeySchema':[{'AttributeName':'a','KeyType':'RANGE'}]}",                                "not a HASH key type"                                   },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cloud_refuses(&c, AWS_OP_DDB_CREATE_TABLE, cases[i].json, "ValidationException",
                      cases[i].part);
    }
}

Test(dynamodb, tables_are_listed_in_pages)
{
    cJSON *out = NULL;
    for (int i = 0; i < 3; i++) {
        char json[400];
        (void)snprintf(json, sizeof json,
                       "{'TableName':'t-%d','BillingMode':'PAY_PER_REQUEST',"
                       "'AttributeDefinitions':[{'AttributeName':'a','AttributeType':'S'}],"
                       "'KeySchema':[{'AttributeName':'a','KeyType':'HASH'}]}",
                       i);
        cloud_do(&c, AWS_OP_DDB_CREATE_TABLE, json);
    }
    cloud_answers(&c, AWS_OP_DDB_LIST_TABLES, "{'Limit':2}",
                  "{'TableNames':['jobs','t-0'],'LastEvaluatedTableName':'t-0'}");
    cloud_answers(&c, AWS_OP_DDB_LIST_TABLES, "{'Limit':2,'ExclusiveStartTableName':'t-0'}",
                  "{'TableNames':['t-1','t-2']}");
    cloud_do(&c, AWS_OP_DDB_DELETE_TABLE, "{'TableName':'t-1'}");
    cloud_refuses(&c, AWS_OP_DDB_DESCRIBE_TABLE, "{'TableName':'t-1'}", "ResourceNotFoundException",
                  "Table: t-1 not found");
    out = cloud_call(&c, AWS_OP_DDB_SCAN, "{'TableName':'t-1'}");
    cr_expect_null(out);
}

Test(dynamodb, a_new_index_finds_the_items_that_were_there)
{
    put("a", "1", ",'status':{'S':'DONE'}");
    put("a", "2", ",'status':{'N':'5'}"); /* of another type: not in the index */
    put("a", "3", "");
    cloud_do(&c, AWS_OP_DDB_UPDATE_TABLE,
             "{'TableName':'jobs','AttributeDefinitions':["
             "{'AttributeName':'status','AttributeType':'S'}],'GlobalSecondaryIndexUpdates':["
             "{'Create':{'IndexName':'by-status','KeySchema':["
             "{'AttributeName':'status','KeyType':'HASH'}],"
             "'Projection':{'ProjectionType':'INCLUDE','NonKeyAttributes':['x']}}}]}");
    cloud_answers(&c, AWS_OP_DDB_SCAN, "{'TableName':'jobs','IndexName':'by-status'}",
                  "{'Items':[{'id':{'S':'a'},'n':{'N':'1'},'status':{'S':'DONE'}}],'Count':1,"
                  "'ScannedCount':1}");
    cloud_do(&c, AWS_OP_DDB_UPDATE_TABLE,
             "{'TableName':'jobs','GlobalSecondaryIndexUpdates':["
             "{'Delete':{'IndexName':'by-status'}}]}");
    cloud_refuses(&c, AWS_OP_DDB_SCAN, "{'TableName':'jobs','IndexName':'by-status'}",
                  "ValidationException", "does not have the specified index");
}

Test(dynamodb, an_index_made_anew_is_filled_anew)
{
    put("a", "1", ",'user':{'S':'u'},'v':{'S':'x'}");
    cloud_do(&c, AWS_OP_DDB_UPDATE_TABLE,
             "{'TableName':'jobs','GlobalSecondaryIndexUpdates':["
             "{'Delete':{'IndexName':'by-user'}}]}");
    cloud_do(&c, AWS_OP_DDB_UPDATE_TABLE,
             "{'TableName':'jobs','AttributeDefinitions':["
             "{'AttributeName':'user','AttributeType':'S'}],'GlobalSecondaryIndexUpdates':["
             "{'Create':{'IndexName':'by-user','KeySchema':["
             "{'AttributeName':'user','KeyType':'HASH'}],"
             "'Projection':{'ProjectionType':'KEYS_ONLY'}}}]}");
    cloud_answers(&c, AWS_OP_DDB_SCAN, "{'TableName':'jobs','IndexName':'by-user'}",
                  "{'Items':[{'id':{'S':'a'},'n':{'N':'1'},'user':{'S':'u'}}],'Count':1,"
                  "'ScannedCount':1}");
    cloud_refuses(&c, AWS_OP_DDB_SCAN,
                  "{'TableName':'jobs','IndexName':'by-user','Select':'ALL_ATTRIBUTES'}",
                  "ValidationException", "its projection type is not ALL");
    cloud_refuses(&c, AWS_OP_DDB_SCAN,
                  "{'TableName':'jobs','IndexName':'by-user','ProjectionExpression':'v'}",
                  "ValidationException", "does not project [v]");
}

/* ---- single items ----------------------------------------------------------------------- */

Test(dynamodb, an_item_comes_back_with_its_numbers_normalised)
{
    put("a", "01.50",
        ",'m':{'M':{'l':{'L':[{'N':'1e2'},{'NULL':true},{'BOOL':false}]}}},"
        "'ns':{'NS':['2','10']},'b':{'B':'AP9o'}");
    cloud_answers(&c, AWS_OP_DDB_GET_ITEM,
                  "{'TableName':'jobs','Key':{'n':{'N':'1.5'},'id':{'S':'a'}},"
                  "'ReturnConsumedCapacity':'TOTAL'}",
                  "{'Item':{'id':{'S':'a'},'n':{'N':'1.5'},"
                  "'m':{'M':{'l':{'L':[{'N':'100'},{'NULL':true},{'BOOL':false}]}}},"
                  "'ns':{'NS':['2','10']},'b':{'B':'AP9o'}},"
                  "'ConsumedCapacity':{'CapacityUnits':0.5,'TableName':'jobs'}}");
    cloud_answers(&c, AWS_OP_DDB_GET_ITEM,
                  "{'TableName':'jobs','Key':{'n':{'N':'1.5'},'id':{'S':'a'}},"
                  "'ProjectionExpression':'m.l[1], b'}",
                  "{'Item':{'m':{'M':{'l':{'L':[{'NULL':true}]}}},'b':{'B':'AP9o'}}}");
    cloud_answers(&c, AWS_OP_DDB_GET_ITEM,
                  "{'TableName':'jobs','Key':{'n':{'N':'2'},'id':{'S':'a'}}}", "{}");
}

Test(dynamodb, wrong_items_are_refused_and_change_nothing)
{
    static const struct {
        const char *item, *code, *part;
    } cases[] = {
        {"{'id':{'S':'a'}}",                                           "ValidationException",    "Missing the key n"          },
        {"{'id':{'N':'1'},'n':{'N':'1'}}",                             "ValidationException",    "expected: S actual: N"      },
        {"{'id':{'S':''},'n':{'N':'1'}}",                              "ValidationException",    "empty string value. Key: id"},
        {"{'id':{'S':'a'},'n':{'N':'x'}}",                             "ValidationException",    "numeric value"              },
        {"{'id':{'S':'a'},'n':{'N':'1'},'s':{'SS':[]}}",               "ValidationException",    "may not be empty"           },
        {"{'id':{'S':'a'},'n':{'N':'1'},'s':{'SS':['a','a']}}",        "ValidationException",
         "duplicates"                                                                                                         },
        {"{'id':{'S':'a'},'n':{'N':'1'},'s':{}}",                      "ValidationException",    "is empty"                   },
        {"{'id':{'S':'a'},'n':{'N':'1'},'s':{'S':'x','N':'1'}}",       "ValidationException",
         "more than one"                                                                                                      },
        {"{'id':{'S':'a'},'n':{'N':'1'},'s':{'S':5}}",                 "SerializationException", ""                           },
        {"{'id':{'S':'a'},'n':{'N':'1'},'x':{'S':'1'},'x':{'S':'2'}}", "SerializationException",
         "Duplicate"                                                                                                          },
        {"{'id':{'S':'a'},'n':{'N':'1'},'user':{'N':'2'}}",            "ValidationException",
         "Type mismatch for Index Key user Expected: S Actual: N IndexName: by-user"                                          },
        {"{'id':{'S':'a'},'n':{'N':'1'},'user':{'S':''}}",             "ValidationException",
         "IndexName: by-user, IndexKey: user"                                                                                 },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char json[512];
        (void)snprintf(json, sizeof json, "{'TableName':'jobs','Item':%s}", cases[i].item);
        cloud_refuses(&c, AWS_OP_DDB_PUT_ITEM, json, cases[i].code, cases[i].part);
    }
    expect_numbers(AWS_OP_DDB_SCAN, "{'TableName':'jobs'}", "");
}

Test(dynamodb, an_item_over_400_kb_is_refused)
{
    struct strbuf b = STRBUF_INIT;
    const size_t fits = 400 * 1024 - 2 - 1 - 1 - 2 - 1; /* names id, n, v; values "a" and 1 */

    strbuf_adds(&b, "{'TableName':'jobs','Item':{'id':{'S':'a'},'n':{'N':'1'},'v':{'S':'");
    for (size_t i = 0; i < fits; i++) {
        strbuf_addc(&b, 'x');
    }
    size_t at = b.len;
    strbuf_adds(&b, "'}}}");
    cloud_do(&c, AWS_OP_DDB_PUT_ITEM, strbuf_str(&b));
    strbuf_truncate(&b, at);
    strbuf_adds(&b, "x'}}}");
    cloud_refuses(&c, AWS_OP_DDB_PUT_ITEM, strbuf_str(&b), "ValidationException",
                  "Item size has exceeded the maximum allowed size");
    strbuf_clear(&b);
}

Test(dynamodb, a_failed_condition_changes_nothing_and_can_show_the_item)
{
    put("a", "1", ",'v':{'S':'old'}");
    cloud_refuses(&c, AWS_OP_DDB_PUT_ITEM,
                  "{'TableName':'jobs','Item':{'id':{'S':'a'},'n':{'N':'1'}},"
                  "'ConditionExpression':'attribute_not_exists(id)',"
                  "'ReturnValuesOnConditionCheckFailure':'ALL_OLD'}",
                  "ConditionalCheckFailedException", "The conditional request failed");
    cr_expect_str_eq(attr_str(json_object(c.failed, "Item"), "v"), "old");
    cloud_refuses(&c, AWS_OP_DDB_DELETE_ITEM,
                  "{'TableName':'jobs','Key':{'id':{'S':'a'},'n':{'N':'1'}},"
                  "'ConditionExpression':'v = :v','ExpressionAttributeValues':{':v':{'S':'x'}}}",
                  "ConditionalCheckFailedException", "");
    cr_expect_null(json_get(c.failed, "Item"));
    cloud_answers(&c, AWS_OP_DDB_DELETE_ITEM,
                  "{'TableName':'jobs','Key':{'id':{'S':'a'},'n':{'N':'1'}},"
                  "'ReturnValues':'ALL_OLD'}",
                  "{'Attributes':{'id':{'S':'a'},'n':{'N':'1'},'v':{'S':'old'}}}");
}

Test(dynamodb, an_update_returns_what_was_asked_for)
{
    static const struct {
        const char *want, *attributes;
    } cases[] = {
        {"ALL_NEW",     "{'id':{'S':'a'},'n':{'N':'1'},'m':{'M':{'x':{'N':'2'},'y':{'N':'1'}}}}"},
        {"UPDATED_NEW", "{'m':{'M':{'x':{'N':'2'}}}}"                                           },
        {"UPDATED_OLD", "{'m':{'M':{'x':{'N':'1'}}}}"                                           },
        {"ALL_OLD",     "{'id':{'S':'a'},'n':{'N':'1'},'m':{'M':{'x':{'N':'1'},'y':{'N':'1'}}}}"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char json[512], want[256];
        put("a", "1", ",'m':{'M':{'x':{'N':'1'},'y':{'N':'1'}}}");
        (void)snprintf(json, sizeof json,
                       "{'TableName':'jobs','Key':{'id':{'S':'a'},'n':{'N':'1'}},"
                       "'UpdateExpression':'SET m.x = m.x + m.y','ReturnValues':'%s'}",
                       cases[i].want);
        (void)snprintf(want, sizeof want, "{'Attributes':%s}", cases[i].attributes);
        cloud_answers(&c, AWS_OP_DDB_UPDATE_ITEM, json, want);
    }
    cloud_refuses(&c, AWS_OP_DDB_UPDATE_ITEM,
                  "{'TableName':'jobs','Key':{'id':{'S':'a'},'n':{'N':'1'}},"
                  "'UpdateExpression':'SET n = :one',"
                  "'ExpressionAttributeValues':{':one':{'N':'1'}}}",
                  "ValidationException", "Cannot update attribute n. This attribute is part of");
    cloud_answers(&c, AWS_OP_DDB_UPDATE_ITEM, /* an upsert */
                  "{'TableName':'jobs','Key':{'id':{'S':'new'},'n':{'N':'1'}},"
                  "'UpdateExpression':'ADD hits :one','ReturnValues':'ALL_NEW',"
                  "'ExpressionAttributeValues':{':one':{'N':'1'}}}",
                  "{'Attributes':{'id':{'S':'new'},'n':{'N':'1'},'hits':{'N':'1'}}}");
}

Test(dynamodb, expression_mistakes_are_named)
{
    static const struct {
        const char *more, *part;
    } cases[] = {
        {"'ConditionExpression':'status = :v','ExpressionAttributeValues':{':v':{'S':''}}",
         "reserved keyword: status"                                                                                                              },
        {"'ConditionExpression':'a = :v'",                                                  "attribute value: :v"                                },
        {"'ConditionExpression':'#a = b'",                                                  "attribute name: #a"                                 },
        {"'ConditionExpression':'attribute_exists(a)',"
         "'ExpressionAttributeNames':{'#x':'y'}",                                  "unused in expressions: keys: {#x}"                  },
        {"'ExpressionAttributeNames':{'#x':'y'}",                                           "only be specified when using expressions"           },
        {"'ConditionExpression':'attribute_exists(a)','ExpressionAttributeNames':{}",
         "must not be empty"                                                                                                                     },
        {"'ConditionExpression':'attribute_exists(a)',"
         "'ExpressionAttributeNames':{'x':'y'}",                                   "contains invalid key: Syntax error; key:"           },
        {"'ConditionExpression':''",                                                        "The expression can not be empty"                    },
        {"'Expected':{}",                                                                   "legacy parameter Expected is not supported"         },
        {"'ReturnValues':'ALL_NEW'",                                                        "Member must satisfy enum value set: [ALL_OLD, NONE]"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char json[512];
        (void)snprintf(json, sizeof json,
                       "{'TableName':'jobs','Item':{'id':{'S':'a'},'n':{'N':'1'}},%s}",
                       cases[i].more);
        cloud_refuses(&c, AWS_OP_DDB_PUT_ITEM, json, "ValidationException", cases[i].part);
    }
}

/* ---- many items ------------------------------------------------------------------------- */

#define QUERY(condition, values, more)                                                             \
    "{'TableName':'jobs','KeyConditionExpression':'id = :a" condition "',"                         \
    "'ExpressionAttributeValues':{':a':{'S':'a'}" values "}" more "}"

Test(dynamodb, a_query_reads_the_sort_keys_in_the_order_of_numbers)
{
    static const char *const numbers[] = {"10", "9", "-1", "0", "1e3", "0.5", "-20", "100"};

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        put("a", numbers[i], "");
        put("b", numbers[i], "");
    }
    expect_numbers(AWS_OP_DDB_QUERY, QUERY("", "", ""), "-20,-1,0,0.5,9,10,100,1000");
    expect_numbers(AWS_OP_DDB_QUERY, QUERY("", "", ",'ScanIndexForward':false"),
                   "1000,100,10,9,0.5,0,-1,-20");
    expect_numbers(AWS_OP_DDB_QUERY, QUERY(" AND n > :v", ",':v':{'N':'9'}", ""), "10,100,1000");
    expect_numbers(AWS_OP_DDB_QUERY, QUERY(" AND n >= :v", ",':v':{'N':'9.0'}", ""),
                   "9,10,100,1000");
    expect_numbers(AWS_OP_DDB_QUERY, QUERY(" AND n < :v", ",':v':{'N':'0'}", ""), "-20,-1");
    expect_numbers(AWS_OP_DDB_QUERY, QUERY(" AND n <= :v", ",':v':{'N':'0'}", ""), "-20,-1,0");
    expect_numbers(AWS_OP_DDB_QUERY, QUERY(" AND n = :v", ",':v':{'N':'100'}", ""), "100");
    expect_numbers(AWS_OP_DDB_QUERY,
                   QUERY(" AND n BETWEEN :v AND :w", ",':v':{'N':'-1'},':w':{'N':'9'}",
                         ",'ScanIndexForward':false"),
                   "9,0.5,0,-1");
}

/* Follows a Query or Scan page by page; returns how many pages it took. */
static int collect_pages(enum aws_op_id op, const char *request, struct strbuf *numbers)
{
    char json[2048];
    int pages = 0;
    char *key = NULL;

    do {
        (void)snprintf(json, sizeof json, "%s%s%s}", request,
                       key == NULL ? "" : ",'ExclusiveStartKey':", key == NULL ? "" : key);
        free(key);
        cJSON *out = cloud_call(&c, op, json);
        cr_assert_not_null(out, "%s: %s", json, c.e.msg);
        char *part = numbers_of(out);
        strbuf_addf(numbers, "%s%s", numbers->len > 0 && *part != '\0' ? "," : "", part);
        free(part);
        const cJSON *last = json_object(out, "LastEvaluatedKey");
        key = last == NULL ? NULL : json_text(last);
        cJSON_Delete(out);
        pages++;
    } while (key != NULL && pages < 100);
    return pages;
}

Test(dynamodb, pages_by_limit_leave_nothing_out_and_double_nothing)
{
    struct strbuf b = STRBUF_INIT;

    for (int i = 0; i < 10; i++) {
        char n[8];
        (void)snprintf(n, sizeof n, "%d", i);
        put("a", n, ",'user':{'S':'u'}");
    }
    cr_expect_eq(collect_pages(AWS_OP_DDB_QUERY,
                               "{'TableName':'jobs','KeyConditionExpression':'id = :a',"
                               "'ExpressionAttributeValues':{':a':{'S':'a'}},'Limit':3",
                               &b),
                 4);
    cr_expect_str_eq(strbuf_str(&b), "0,1,2,3,4,5,6,7,8,9");
    strbuf_reset(&b);
    (void)collect_pages(AWS_OP_DDB_QUERY,
                        "{'TableName':'jobs','IndexName':'by-user','KeyConditionExpression':"
                        "'#u = :u AND n > :n','ExpressionAttributeNames':{'#u':'user'},"
                        "'ExpressionAttributeValues':{':u':{'S':'u'},':n':{'N':'2'}},"
                        "'ScanIndexForward':false,'Limit':2",
                        &b);
    cr_expect_str_eq(strbuf_str(&b), "9,8,7,6,5,4,3");
    strbuf_clear(&b);
}

Test(dynamodb, items_with_the_same_index_key_are_paged_by_their_own_key)
{
    struct strbuf b = STRBUF_INIT;

    cloud_do(&c, AWS_OP_DDB_UPDATE_TABLE,
             "{'TableName':'jobs','AttributeDefinitions':["
             "{'AttributeName':'g','AttributeType':'S'}],'GlobalSecondaryIndexUpdates':["
             "{'Create':{'IndexName':'by-g','KeySchema':["
             "{'AttributeName':'g','KeyType':'HASH'}],'Projection':{'ProjectionType':'ALL'}}}]}");
    for (int i = 0; i < 7; i++) {
        char n[8];
        (void)snprintf(n, sizeof n, "%d", i);
        put("a", n, ",'g':{'S':'same'}");
    }
    (void)collect_pages(AWS_OP_DDB_QUERY,
                        "{'TableName':'jobs','IndexName':'by-g','KeyConditionExpression':'g = :g',"
                        "'ExpressionAttributeValues':{':g':{'S':'same'}},'Limit':2",
                        &b);
    cr_expect_str_eq(strbuf_str(&b), "0,1,2,3,4,5,6");
    strbuf_reset(&b);
    (void)collect_pages(AWS_OP_DDB_QUERY,
                        "{'TableName':'jobs','IndexName':'by-g','KeyConditionExpression':'g = :g',"
                        "'ExpressionAttributeValues':{':g':{'S':'same'}},'Limit':3,"
                        "'ScanIndexForward':false",
                        &b);
    cr_expect_str_eq(strbuf_str(&b), "6,5,4,3,2,1,0");
    strbuf_clear(&b);
}

Test(dynamodb, a_page_ends_at_one_megabyte_before_the_filter)
{
    struct strbuf b = STRBUF_INIT;

    for (int i = 0; i < 8; i++) { /* 300 kB each: four fill a page */
        strbuf_reset(&b);
        strbuf_addf(&b, "{'TableName':'jobs','Item':{'id':{'S':'a'},'n':{'N':'%d'},'v':{'S':'", i);
        for (int k = 0; k < 300 * 1024; k++) {
            strbuf_addc(&b, 'x');
        }
        strbuf_adds(&b, "'}}}");
        cloud_do(&c, AWS_OP_DDB_PUT_ITEM, strbuf_str(&b));
    }
    strbuf_reset(&b);
    cJSON *out = cloud_call(&c, AWS_OP_DDB_QUERY,
                            "{'TableName':'jobs','KeyConditionExpression':'id = :a',"
                            "'FilterExpression':'v = :no','ReturnConsumedCapacity':'TOTAL',"
                            "'ExpressionAttributeValues':{':a':{'S':'a'},':no':{'S':'no'}}}");
    cr_expect_eq(json_int(out, "Count", -1), 0);
    cr_expect_eq(json_int(out, "ScannedCount", -1), 4);
    cr_expect_not_null(json_get(out, "LastEvaluatedKey"));
    cr_expect_float_eq(json_get(json_object(out, "ConsumedCapacity"), "CapacityUnits")->valuedouble,
                       150.5, 1.0);
    cJSON_Delete(out);
    cr_expect_eq(collect_pages(AWS_OP_DDB_SCAN, "{'TableName':'jobs'", &b), 3);
    cr_expect_str_eq(strbuf_str(&b), "0,1,2,3,4,5,6,7");
    strbuf_clear(&b);
}

Test(dynamodb, a_scan_goes_on_although_the_last_item_seen_is_deleted)
{
    put("a", "1", "");
    put("a", "2", "");
    put("a", "3", "");
    cloud_answers(&c, AWS_OP_DDB_SCAN, "{'TableName':'jobs','Limit':1,'ProjectionExpression':'n'}",
                  "{'Items':[{'n':{'N':'1'}}],'Count':1,'ScannedCount':1,"
                  "'LastEvaluatedKey':{'id':{'S':'a'},'n':{'N':'1'}}}");
    cloud_do(&c, AWS_OP_DDB_DELETE_ITEM,
             "{'TableName':'jobs','Key':{'id':{'S':'a'},'n':{'N':'1'}}}");
    expect_numbers(AWS_OP_DDB_SCAN,
                   "{'TableName':'jobs','ExclusiveStartKey':{'id':{'S':'a'},'n':{'N':'1'}}}",
                   "2,3");
}

Test(dynamodb, segments_share_the_items_out)
{
    int64_t total = 0;

    for (int i = 0; i < 60; i++) {
        char id[8];
        (void)snprintf(id, sizeof id, "k%d", i);
        put(id, "1", "");
    }
    for (int s = 0; s < 4; s++) {
        char json[128];
        (void)snprintf(json, sizeof json,
                       "{'TableName':'jobs','Segment':%d,'TotalSegments':4,'Select':'COUNT'}", s);
        cJSON *out = cloud_call(&c, AWS_OP_DDB_SCAN, json);
        cr_assert_not_null(out);
        int64_t n = json_int(out, "Count", -1);
        cr_expect(n > 3 && n < 40, "segment %d has %ld of 60", s, (long)n);
        total += n;
        cJSON_Delete(out);
    }
    cr_expect_eq(total, 60);
    cloud_refuses(&c, AWS_OP_DDB_SCAN, "{'TableName':'jobs','Segment':4,'TotalSegments':4}",
                  "ValidationException", "Segment: 4 is not less than TotalSegments: 4");
    cloud_refuses(&c, AWS_OP_DDB_SCAN, "{'TableName':'jobs','Segment':1}", "ValidationException",
                  "TotalSegments parameter is required");
}

Test(dynamodb, an_index_holds_only_items_with_its_keys_and_follows_their_changes)
{
    put("a", "1", ",'user':{'S':'u1'}");
    put("a", "2", "");
    expect_numbers(AWS_OP_DDB_SCAN, "{'TableName':'jobs','IndexName':'by-user'}", "1");
    cloud_do(&c, AWS_OP_DDB_UPDATE_ITEM,
             "{'TableName':'jobs','Key':{'id':{'S':'a'},'n':{'N':'2'}},"
             "'UpdateExpression':'SET #u = :u','ExpressionAttributeNames':{'#u':'user'},"
             "'ExpressionAttributeValues':{':u':{'S':'u1'}}}");
    expect_numbers(AWS_OP_DDB_SCAN, "{'TableName':'jobs','IndexName':'by-user'}", "1,2");
    cloud_do(&c, AWS_OP_DDB_UPDATE_ITEM,
             "{'TableName':'jobs','Key':{'id':{'S':'a'},'n':{'N':'1'}},"
             "'UpdateExpression':'REMOVE #u','ExpressionAttributeNames':{'#u':'user'}}");
    expect_numbers(AWS_OP_DDB_SCAN, "{'TableName':'jobs','IndexName':'by-user'}", "2");
    cloud_do(&c, AWS_OP_DDB_DELETE_ITEM,
             "{'TableName':'jobs','Key':{'id':{'S':'a'},'n':{'N':'2'}}}");
    expect_numbers(AWS_OP_DDB_SCAN, "{'TableName':'jobs','IndexName':'by-user'}", "");
    cloud_refuses(&c, AWS_OP_DDB_SCAN,
                  "{'TableName':'jobs','IndexName':'by-user','ConsistentRead':true}",
                  "ValidationException", "not supported on global secondary indexes");
}

Test(dynamodb, a_local_index_shows_its_part_or_fetches_the_rest)
{
    put("a", "1", ",'user':{'S':'u'},'v':{'S':'x'}");
    cloud_answers(&c, AWS_OP_DDB_QUERY,
                  "{'TableName':'jobs','IndexName':'by-local','KeyConditionExpression':'id = :a',"
                  "'ExpressionAttributeValues':{':a':{'S':'a'}}}",
                  "{'Items':[{'id':{'S':'a'},'n':{'N':'1'},'user':{'S':'u'}}],'Count':1,"
                  "'ScannedCount':1}");
    cloud_answers(&c, AWS_OP_DDB_QUERY,
                  "{'TableName':'jobs','IndexName':'by-local','KeyConditionExpression':'id = :a',"
                  "'ExpressionAttributeValues':{':a':{'S':'a'}},'ProjectionExpression':'v'}",
                  "{'Items':[{'v':{'S':'x'}}],'Count':1,'ScannedCount':1}");
}

Test(dynamodb, wrong_queries_are_refused)
{
    static const struct {
        const char *json, *part;
    } cases[] = {
        {"{'TableName':'jobs'}",                                                                        "must be specified in the request"                             },
        {"{'TableName':'jobs','KeyConditionExpression':'n = :n',"
         "'ExpressionAttributeValues':{':n':{'N':'1'}}}",                                      "Query condition missed key schema element: id"                },
        {"{'TableName':'jobs','KeyConditionExpression':'id = :n',"
         "'ExpressionAttributeValues':{':n':{'N':'1'}}}",                                      "does not match schema type"                                   },
        {"{'TableName':'jobs','KeyConditionExpression':'id > :n',"
         "'ExpressionAttributeValues':{':n':{'S':'1'}}}",                                      "Query key condition not supported"                            },
        {"{'TableName':'jobs','KeyConditionExpression':'id = :n','FilterExpression':'id = :n',"
         "'ExpressionAttributeValues':{':n':{'S':'1'}}}",                                      "Filter Expression can only contain non-primary key attributes"},
        {"{'TableName':'jobs','KeyConditionExpression':'id = :n','Limit':0,"
         "'ExpressionAttributeValues':{':n':{'S':'1'}}}",                                      "greater than or equal to 1"                                   },
        {"{'TableName':'jobs','KeyConditionExpression':'id = :n','Select':'SPECIFIC_ATTRIBUTES',"
         "'ExpressionAttributeValues':{':n':{'S':'1'}}}",                                      "SPECIFIC_ATTRIBUTES"                                          },
        {"{'TableName':'jobs','KeyConditionExpression':'id = :n',"
         "'ExclusiveStartKey':{'id':{'S':'1'}},'ExpressionAttributeValues':{':n':{'S':'1'}}}", "starting key is invalid"                                      },
        {"{'TableName':'jobs','KeyConditionExpression':'id = :n','ExclusiveStartKey':"
         "{'id':{'S':'2'},'n':{'N':'1'}},'ExpressionAttributeValues':{':n':{'S':'1'}}}",       "outside query boundaries"                                     },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cloud_refuses(&c, AWS_OP_DDB_QUERY, cases[i].json, "ValidationException", cases[i].part);
    }
}

/* ---- batches ---------------------------------------------------------------------------- */

Test(dynamodb, a_batch_write_puts_and_deletes_and_a_batch_get_reads)
{
    put("old", "1", "");
    cloud_answers(&c, AWS_OP_DDB_BATCH_WRITE_ITEM,
                  "{'RequestItems':{'jobs':["
                  "{'PutRequest':{'Item':{'id':{'S':'a'},'n':{'N':'1'},'v':{'S':'x'}}}},"
                  "{'DeleteRequest':{'Key':{'id':{'S':'old'},'n':{'N':'1'}}}}]}}",
                  "{'UnprocessedItems':{}}");
    cloud_answers(&c, AWS_OP_DDB_BATCH_GET_ITEM,
                  "{'RequestItems':{'jobs':{'Keys':[{'id':{'S':'a'},'n':{'N':'1'}},"
                  "{'id':{'S':'old'},'n':{'N':'1'}}],'ProjectionExpression':'v'}}}",
                  "{'Responses':{'jobs':[{'v':{'S':'x'}}]},'UnprocessedKeys':{}}");
}

Test(dynamodb, a_batch_over_its_limits_does_nothing)
{
    struct strbuf b = STRBUF_INIT;

    strbuf_adds(&b, "{'RequestItems':{'jobs':[");
    for (int i = 0; i < 26; i++) {
        strbuf_addf(&b, "%s{'PutRequest':{'Item':{'id':{'S':'a'},'n':{'N':'%d'}}}}",
                    i > 0 ? "," : "", i);
    }
    strbuf_adds(&b, "]}}");
    cloud_refuses(&c, AWS_OP_DDB_BATCH_WRITE_ITEM, strbuf_str(&b), "ValidationException",
                  "length less than or equal to 25");
    strbuf_clear(&b);
    cloud_refuses(&c, AWS_OP_DDB_BATCH_WRITE_ITEM,
                  "{'RequestItems':{'jobs':[{'PutRequest':{'Item':{'id':{'S':'a'},'n':{'N':'1'}}}},"
                  "{'DeleteRequest':{'Key':{'id':{'S':'a'},'n':{'N':'1.0'}}}}]}}",
                  "ValidationException", "contains duplicates");
    cloud_refuses(
        &c, AWS_OP_DDB_BATCH_WRITE_ITEM,
        "{'RequestItems':{'jobs':[{'PutRequest':{'Item':{'id':{'S':'a'},'n':{'N':'1'}}}}],"
        "'none':[{'DeleteRequest':{'Key':{'id':{'S':'a'}}}}]}}",
        "ResourceNotFoundException", "not found");
    expect_numbers(AWS_OP_DDB_SCAN, "{'TableName':'jobs'}", "");
}

Test(dynamodb, a_batch_get_leaves_what_is_over_16_mb_for_the_next_call)
{
    struct strbuf b = STRBUF_INIT;
    struct strbuf keys = STRBUF_INIT;

    for (int i = 0; i < 44; i++) { /* 390 kB each: 43 are over 16 MB */
        strbuf_reset(&b);
        strbuf_addf(&b, "{'TableName':'jobs','Item':{'id':{'S':'a'},'n':{'N':'%d'},'v':{'S':'", i);
        for (int k = 0; k < 390 * 1024; k++) {
            strbuf_addc(&b, 'x');
        }
        strbuf_adds(&b, "'}}}");
        cloud_do(&c, AWS_OP_DDB_PUT_ITEM, strbuf_str(&b));
        strbuf_addf(&keys, "%s{'id':{'S':'a'},'n':{'N':'%d'}}", i > 0 ? "," : "", i);
    }
    strbuf_reset(&b);
    strbuf_addf(&b, "{'RequestItems':{'jobs':{'Keys':[%s],'ConsistentRead':true}}}",
                strbuf_str(&keys));
    cJSON *out = cloud_call(&c, AWS_OP_DDB_BATCH_GET_ITEM, strbuf_str(&b));
    cr_assert_not_null(out, "%s", c.e.msg);
    int got = cJSON_GetArraySize(json_array(json_object(out, "Responses"), "jobs"));
    const cJSON *left = json_object(json_object(out, "UnprocessedKeys"), "jobs");
    cr_expect_eq(got, 42);
    cr_expect_eq(cJSON_GetArraySize(json_array(left, "Keys")), 2);
    cr_expect(json_bool(left, "ConsistentRead", false));
    cJSON_Delete(out);
    strbuf_clear(&b);
    strbuf_clear(&keys);
}

/* ---- keeping ---------------------------------------------------------------------------- */

Test(dynamodb, everything_survives_a_restart)
{
    put("a", "1", ",'user':{'S':'u'},'v':{'S':'caf\xc3\xa9'}");
    cloud_restart(&c);
    cloud_answers(&c, AWS_OP_DDB_SCAN, "{'TableName':'jobs','IndexName':'by-user'}",
                  "{'Items':[{'id':{'S':'a'},'n':{'N':'1'},'user':{'S':'u'},"
                  "'v':{'S':'caf\xc3\xa9'}}],'Count':1,'ScannedCount':1}");
}
