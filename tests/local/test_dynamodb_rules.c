/* What the real DynamoDB refuses or does that is easily taken for the opposite. Sources: the
 * developer guide and API reference; where these say nothing, what public suites found that run
 * against the real service. tests/conformance/local_properties.py looks for the rest of each kind.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cloud.h"
#include "core/json.h"
#include "core/strbuf.h"

static struct test_cloud c;

#define KEYS                                                                                       \
    "'AttributeDefinitions':[{'AttributeName':'id','AttributeType':'S'},"                          \
    "{'AttributeName':'s','AttributeType':'S'}],"                                                  \
    "'KeySchema':[{'AttributeName':'id','KeyType':'HASH'},{'AttributeName':'s','KeyType':'RANGE'}" \
    "]"
#define PAID "'BillingMode':'PROVISIONED','ProvisionedThroughput':"
#define UNITS(r, w) "{'ReadCapacityUnits':" #r ",'WriteCapacityUnits':" #w "}"

static void setup(void)
{
    cloud_open(&c);
    cloud_do(&c, AWS_OP_DDB_CREATE_TABLE,
             "{'TableName':'two','BillingMode':'PAY_PER_REQUEST'," KEYS "}");
    cloud_do(&c, AWS_OP_DDB_CREATE_TABLE,
             "{'TableName':'one','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':["
             "{'AttributeName':'id','AttributeType':'S'}],"
             "'KeySchema':[{'AttributeName':'id','KeyType':'HASH'}],"
             "'StreamSpecification':{'StreamEnabled':true,'StreamViewType':'KEYS_ONLY'}}");
}

static void teardown(void)
{
    cloud_close(&c);
}

TestSuite(dynamodb_rules, .init = setup, .fini = teardown, .timeout = 120);

static void refused(enum aws_op_id op, const char *json, const char *part)
{
    cloud_refuses(&c, op, json, "ValidationException", part);
}

/* ---- updates ---------------------------------------------------------------------------- */

static void expect_item(const char *id, bool there)
{
    char text[200];

    (void)snprintf(text, sizeof text, "{'TableName':'one','Key':{'id':{'S':'%s'}}}", id);
    cJSON *out = cloud_call(&c, AWS_OP_DDB_GET_ITEM, text);
    cr_assert_not_null(out);
    cr_expect_eq(json_object(out, "Item") != NULL, there, "%s", id);
    cJSON_Delete(out);
}

static void update_one(const char *id, const char *expression, const char *values, const char *want)
{
    char text[600];

    (void)snprintf(text, sizeof text,
                   "{'TableName':'one','Key':{'id':{'S':'%s'}},'UpdateExpression':'%s'%s,"
                   "'ReturnValues':'ALL_NEW'}",
                   id, expression, values);
    cloud_answers(&c, AWS_OP_DDB_UPDATE_ITEM, text, want);
}

Test(dynamodb_rules, an_update_that_only_takes_away_makes_no_item)
{
    static const char set[] = ",'ExpressionAttributeValues':{':s':{'SS':['x']}}";

    update_one("r1", "REMOVE a", "", "{}");
    update_one("r2", "REMOVE a, b.c, d[3]", "", "{}");
    update_one("r3", "DELETE a :s", set, "{}");
    update_one("r4", "REMOVE a DELETE b :s", set, "{}");
    expect_item("r1", false);
    expect_item("r2", false);
    expect_item("r3", false);
    expect_item("r4", false);
    update_one("r5", "REMOVE a ADD b :s", set, "{'Attributes':{'id':{'S':'r5'},'b':{'SS':['x']}}}");
    expect_item("r5", true);
    /* Without any expression there is nothing to take away: the item is made. */
    cloud_do(&c, AWS_OP_DDB_UPDATE_ITEM, "{'TableName':'one','Key':{'id':{'S':'r6'}}}");
    expect_item("r6", true);
    /* The condition is evaluated all the same. */
    cloud_refuses(&c, AWS_OP_DDB_UPDATE_ITEM,
                  "{'TableName':'one','Key':{'id':{'S':'r7'}},'UpdateExpression':'REMOVE a',"
                  "'ConditionExpression':'attribute_exists(id)'}",
                  "ConditionalCheckFailedException", "conditional");
}

Test(dynamodb_rules, what_is_not_made_is_not_in_the_stream)
{
    cJSON *out = cloud_call(&c, AWS_OP_STREAMS_LIST_STREAMS, "{'TableName':'one'}");
    char arn[200], text[400];

    (void)snprintf(arn, sizeof arn, "%s", json_str(json_array(out, "Streams")->child, "StreamArn"));
    cJSON_Delete(out);
    update_one("r1", "REMOVE a", "", "{}");
    (void)snprintf(text, sizeof text, "{'StreamArn':'%s'}", arn);
    out = cloud_call(&c, AWS_OP_STREAMS_DESCRIBE_STREAM, text);
    (void)snprintf(text, sizeof text,
                   "{'StreamArn':'%s','ShardId':'%s','ShardIteratorType':'TRIM_HORIZON'}", arn,
                   json_str(cloud_member(out, "StreamDescription.Shards.0"), "ShardId"));
    cJSON_Delete(out);
    out = cloud_call(&c, AWS_OP_STREAMS_GET_SHARD_ITERATOR, text);
    (void)snprintf(text, sizeof text, "{'ShardIterator':'%s'}", json_str(out, "ShardIterator"));
    cJSON_Delete(out);
    out = cloud_call(&c, AWS_OP_STREAMS_GET_RECORDS, text);
    cr_expect_eq(cJSON_GetArraySize(json_array(out, "Records")), 0);
    cJSON_Delete(out);
}

Test(dynamodb_rules, list_append_is_the_whole_of_what_is_set)
{
    static const char *const bad[] = {"SET a = list_append(list_append(:l, :l), :l)",
                                      "SET a = list_append(:l, list_append(a, :l))",
                                      "SET a = if_not_exists(a, list_append(:l, :l))",
                                      "SET a = list_append(:l, :l) + :n"};
    char text[400];

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        (void)snprintf(text, sizeof text,
                       "{'TableName':'one','Key':{'id':{'S':'l'}},'UpdateExpression':'%s',"
                       "'ExpressionAttributeValues':{':l':{'L':[{'S':'x'}]}%s}}",
                       bad[i], strstr(bad[i], ":n") != NULL ? ",':n':{'N':'1'}" : "");
        refused(AWS_OP_DDB_UPDATE_ITEM, text, "function: list_append");
    }
    update_one("l", "SET a = list_append(if_not_exists(a, :l), if_not_exists(b, :l))",
               ",'ExpressionAttributeValues':{':l':{'L':[{'S':'x'}]}}",
               "{'Attributes':{'id':{'S':'l'},'a':{'L':[{'S':'x'},{'S':'x'}]}}}");
}

/* ---- conditions ------------------------------------------------------------------------- */

/* Whether the condition holds for the item {id: "k", a: "hello", n: 5}. */
static bool holds(const char *condition, const char *values)
{
    char text[500];

    (void)snprintf(text, sizeof text,
                   "{'TableName':'one','Item':{'id':{'S':'k'},'a':{'S':'hello'},'n':{'N':'5'}},"
                   "'ConditionExpression':'%s'%s%s%s}",
                   condition, *values != '\0' ? ",'ExpressionAttributeValues':{" : "", values,
                   *values != '\0' ? "}" : "");
    cJSON *out = cloud_call(&c, AWS_OP_DDB_PUT_ITEM, text);
    bool yes = out != NULL;
    cr_expect(yes || strcmp(c.e.aws_code, "ConditionalCheckFailedException") == 0, "%s: %s",
              condition, c.e.msg);
    cJSON_Delete(out);
    return yes;
}

Test(dynamodb_rules, what_two_absent_attributes_are_to_each_other)
{
    cr_expect(holds("q <> z", "")); /* no item yet: all are absent */
    cr_expect(holds("q <> z", ""));
    cr_expect(holds("q.x <> z[0]", ""));
    cr_expect(holds("a <> z", ""));
    cr_expect(holds("NOT q = z", ""));
    cr_expect_not(holds("q = z", ""));
    cr_expect_not(holds("NOT q <> z", ""));
    cr_expect_not(holds("q < z OR q <= z OR q > z OR q >= z", ""));
    cr_expect_not(holds("q BETWEEN z AND y", ""));
    cr_expect_not(holds("q IN (z, y)", ""));
    cr_expect(holds("size(q) <> :one", "':one':{'N':'1'}"));
}

Test(dynamodb_rules, size_is_of_what_has_one)
{
    holds("attribute_not_exists(id)", "");
    cr_expect(holds("size(a) = :five", "':five':{'N':'5'}"));
    cr_expect(holds("size(:v) = :five", "':v':{'S':'abcde'},':five':{'N':'5'}"));
    cr_expect_not(holds("size(n) = :one", "':one':{'N':'1'}")); /* the item's: no error */
    static const char *const bad[] = {"{'N':'1'}", "{'BOOL':true}", "{'NULL':true}"};
    char text[300];
    for (size_t i = 0; i < 3; i++) {
        (void)snprintf(text, sizeof text,
                       "{'TableName':'one','FilterExpression':'size(:v) > :n',"
                       "'ExpressionAttributeValues':{':v':%s,':n':{'N':'0'}}}",
                       bad[i]);
        refused(AWS_OP_DDB_SCAN, text, "operator or function: size, operand type: ");
    }
    refused(AWS_OP_DDB_SCAN,
            "{'TableName':'one','FilterExpression':'size(size(a)) > :n',"
            "'ExpressionAttributeValues':{':n':{'N':'0'}}}",
            "operator or function: size, operand type: N");
    refused(AWS_OP_DDB_SCAN,
            "{'TableName':'one','FilterExpression':'begins_with(size(a), :n)',"
            "'ExpressionAttributeValues':{':n':{'S':'0'}}}",
            "operator or function: begins_with, operand type: N");
}

Test(dynamodb_rules, attribute_type_takes_a_value_too)
{
    cr_expect(holds("attribute_type(:v, :t)", "':v':{'N':'1'},':t':{'S':'N'}"));
    cr_expect_not(holds("attribute_type(:v, :t)", "':v':{'N':'1'},':t':{'S':'S'}"));
}

/* ---- key conditions --------------------------------------------------------------------- */

static void expect_query(const char *condition, const char *values, int count)
{
    char text[400];

    (void)snprintf(text, sizeof text,
                   "{'TableName':'two','KeyConditionExpression':'%s','ExpressionAttributeValues':{"
                   "':id':{'S':'p'},%s},'Select':'COUNT'}",
                   condition, values);
    cJSON *out = cloud_call(&c, AWS_OP_DDB_QUERY, text);
    cr_assert_not_null(out, "%s: %s", condition, c.e.msg);
    cr_expect_eq(json_int(out, "Count", -1), count, "%s", condition);
    cJSON_Delete(out);
}

Test(dynamodb_rules, operands_of_a_key_condition_stand_in_either_order)
{
    for (char s = 'a'; s <= 'e'; s++) {
        char text[120];
        (void)snprintf(text, sizeof text,
                       "{'TableName':'two','Item':{'id':{'S':'p'},'s':{'S':'%c'}}}", s);
        cloud_do(&c, AWS_OP_DDB_PUT_ITEM, text);
    }
    expect_query(":id = id AND s > :s", "':s':{'S':'b'}", 3);
    expect_query(":id = id AND :s > s", "':s':{'S':'b'}", 1);
    expect_query("id = :id AND :s >= s", "':s':{'S':'b'}", 2);
    expect_query(":s < s AND :id = id", "':s':{'S':'b'}", 3);
    expect_query(":s <= s AND id = :id", "':s':{'S':'b'}", 4);
    expect_query(":s = s AND id = :id", "':s':{'S':'b'}", 1);
    refused(AWS_OP_DDB_QUERY,
            "{'TableName':'two','KeyConditionExpression':':id < id',"
            "'ExpressionAttributeValues':{':id':{'S':'p'}}}",
            "Query key condition not supported");
    refused(AWS_OP_DDB_QUERY,
            "{'TableName':'two','KeyConditionExpression':'id = :id AND s = id',"
            "'ExpressionAttributeValues':{':id':{'S':'p'}}}",
            "compare two attributes");
}

Test(dynamodb_rules, a_key_condition_cannot_ask_for_what_is_no_key)
{
    static const char *const tests[] = {"s = :e", "s < :e", "begins_with(s, :e)",
                                        "s BETWEEN :e AND :id", ":e <= s"};
    struct strbuf b = STRBUF_INIT;

    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {
        strbuf_reset(&b);
        strbuf_addf(&b,
                    "{'TableName':'two','KeyConditionExpression':'id = :id AND %s',"
                    "'ExpressionAttributeValues':{':id':{'S':'p'},':e':{'S':''}}}",
                    tests[i]);
        refused(AWS_OP_DDB_QUERY, strbuf_str(&b), "empty string value. Key: s");
    }
    strbuf_reset(&b);
    strbuf_adds(&b, "{'TableName':'two','KeyConditionExpression':'id = :id AND s = :e',"
                    "'ExpressionAttributeValues':{':id':{'S':'p'},':e':{'S':'");
    for (int i = 0; i < 1025; i++) {
        strbuf_addc(&b, 'x');
    }
    strbuf_adds(&b, "'}}}");
    refused(AWS_OP_DDB_QUERY, strbuf_str(&b), "size limit of 1024");
    strbuf_clear(&b);
}

Test(dynamodb_rules, a_query_of_one_item_has_no_start_key)
{
    cloud_do(&c, AWS_OP_DDB_PUT_ITEM, "{'TableName':'one','Item':{'id':{'S':'a'}}}");
    refused(AWS_OP_DDB_QUERY,
            "{'TableName':'one','KeyConditionExpression':'id = :id','ExpressionAttributeValues':"
            "{':id':{'S':'a'}},'ExclusiveStartKey':{'id':{'S':'a'}}}",
            "ExclusiveStartKey");
    cloud_answers(&c, AWS_OP_DDB_QUERY,
                  "{'TableName':'one','KeyConditionExpression':'id = :id','Limit':1,"
                  "'ExpressionAttributeValues':{':id':{'S':'a'}}}",
                  "{'Items':[{'id':{'S':'a'}}],'Count':1,'ScannedCount':1}");
    cloud_do(&c, AWS_OP_DDB_SCAN, "{'TableName':'one','ExclusiveStartKey':{'id':{'S':'a'}}}");
}

/* ---- indexes ---------------------------------------------------------------------------- */

Test(dynamodb_rules, what_cannot_be_a_key_is_not_in_an_index_made_later)
{
    struct strbuf b = STRBUF_INIT;

    cloud_do(&c, AWS_OP_DDB_PUT_ITEM,
             "{'TableName':'one','Item':{'id':{'S':'good'},'x':{'S':'v'}}}");
    cloud_do(&c, AWS_OP_DDB_PUT_ITEM,
             "{'TableName':'one','Item':{'id':{'S':'none'},'x':{'S':''}}}");
    cloud_do(&c, AWS_OP_DDB_PUT_ITEM,
             "{'TableName':'one','Item':{'id':{'S':'type'},'x':{'N':'1'}}}");
    strbuf_adds(&b, "{'TableName':'one','Item':{'id':{'S':'long'},'x':{'S':'");
    for (int i = 0; i < 2049; i++) {
        strbuf_addc(&b, 'x');
    }
    strbuf_adds(&b, "'}}}");
    cloud_do(&c, AWS_OP_DDB_PUT_ITEM, strbuf_str(&b));
    cloud_do(
        &c, AWS_OP_DDB_UPDATE_TABLE,
        "{'TableName':'one','AttributeDefinitions':[{'AttributeName':'x','AttributeType':'S'}],"
        "'GlobalSecondaryIndexUpdates':[{'Create':{'IndexName':'by-x','KeySchema':["
        "{'AttributeName':'x','KeyType':'HASH'}],'Projection':{'ProjectionType':'KEYS_ONLY'}}}]}");
    cloud_answers(&c, AWS_OP_DDB_SCAN, "{'TableName':'one','IndexName':'by-x'}",
                  "{'Items':[{'id':{'S':'good'},'x':{'S':'v'}}],'Count':1,'ScannedCount':1}");
    /* Another attribute of such an item may change; the key may not become so. */
    update_one("none", "SET y = :y", ",'ExpressionAttributeValues':{':y':{'S':'1'}}",
               "{'Attributes':{'id':{'S':'none'},'x':{'S':''},'y':{'S':'1'}}}");
    update_one("type", "SET y = :y", ",'ExpressionAttributeValues':{':y':{'S':'1'}}",
               "{'Attributes':{'id':{'S':'type'},'x':{'N':'1'},'y':{'S':'1'}}}");
    refused(AWS_OP_DDB_UPDATE_ITEM,
            "{'TableName':'one','Key':{'id':{'S':'good'}},'UpdateExpression':'SET x = :e',"
            "'ExpressionAttributeValues':{':e':{'S':''}}}",
            "IndexKey: x");
    update_one("none", "SET x = :x", ",'ExpressionAttributeValues':{':x':{'S':'w'}}",
               "{'Attributes':{'id':{'S':'none'},'x':{'S':'w'},'y':{'S':'1'}}}");
    cloud_answers(&c, AWS_OP_DDB_QUERY,
                  "{'TableName':'one','IndexName':'by-x','KeyConditionExpression':'x = :x',"
                  "'ExpressionAttributeValues':{':x':{'S':'w'}}}",
                  "{'Items':[{'id':{'S':'none'},'x':{'S':'w'}}],'Count':1,'ScannedCount':1}");
    strbuf_clear(&b);
}

static void create_with(const char *projection, const char *code, const char *part)
{
    char text[3000];

    (void)snprintf(text, sizeof text,
                   "{'TableName':'new','BillingMode':'PAY_PER_REQUEST'," KEYS
                   ",'GlobalSecondaryIndexes':[{'IndexName':'i-1','KeySchema':["
                   "{'AttributeName':'s','KeyType':'HASH'}],'Projection':%s}]}",
                   projection);
    cloud_refuses(&c, AWS_OP_DDB_CREATE_TABLE, text, code, part);
}

Test(dynamodb_rules, projections_are_checked)
{
    static const char bad[] = "ValidationException";
    struct strbuf b = STRBUF_INIT;

    create_with("{'ProjectionType':'INCLUDE','NonKeyAttributes':['a','b','a']}", bad, "Duplicate");
    create_with("{'ProjectionType':'INCLUDE','NonKeyAttributes':['']}", bad, "between 1 and 255");
    create_with("{'ProjectionType':'INCLUDE','NonKeyAttributes':['a',1]}", "SerializationException",
                "String");
    create_with("{'ProjectionType':'INCLUDE'}", bad, "not specified");
    create_with("{'ProjectionType':'ALL','NonKeyAttributes':['a']}", bad, "is specified");
    create_with("{'ProjectionType':'ALL','NonKeyAttributes':[]}", bad,
                "greater than or equal to 1");
    strbuf_adds(&b, "{'ProjectionType':'INCLUDE','NonKeyAttributes':['");
    for (int i = 0; i < 256; i++) {
        strbuf_addc(&b, 'x');
    }
    strbuf_adds(&b, "']}");
    create_with(strbuf_str(&b), bad, "between 1 and 255");
    strbuf_reset(&b);
    strbuf_adds(&b, "{'ProjectionType':'INCLUDE','NonKeyAttributes':[");
    for (int i = 0; i < 21; i++) {
        strbuf_addf(&b, "%s'a%d'", i > 0 ? "," : "", i);
    }
    strbuf_adds(&b, "]}");
    create_with(strbuf_str(&b), bad, "less than or equal to 20");
    strbuf_clear(&b);
}

/* ---- UpdateTable ------------------------------------------------------------------------ */

Test(dynamodb_rules, throughput_alone_can_be_updated)
{
    cloud_do(&c, AWS_OP_DDB_CREATE_TABLE, "{'TableName':'paid'," PAID UNITS(1, 1) "," KEYS "}");
    cJSON *out = cloud_call(&c, AWS_OP_DDB_UPDATE_TABLE,
                            "{'TableName':'paid','ProvisionedThroughput':" UNITS(2, 3) "}");
    cr_assert_not_null(out, "%s", c.e.msg);
    const cJSON *now = cloud_member(out, "TableDescription.ProvisionedThroughput");
    cr_expect_eq(json_int(now, "ReadCapacityUnits", 0), 2);
    cr_expect_eq(json_int(now, "WriteCapacityUnits", 0), 3);
    cJSON_Delete(out);
    refused(AWS_OP_DDB_UPDATE_TABLE, "{'TableName':'paid','ProvisionedThroughput':" UNITS(2, 3) "}",
            "will not change");
    refused(AWS_OP_DDB_UPDATE_TABLE,
            "{'TableName':'paid','ProvisionedThroughput':{'ReadCapacityUnits':2}}",
            "provisionedThroughput.writeCapacityUnits");
    cloud_do(&c, AWS_OP_DDB_UPDATE_TABLE, "{'TableName':'paid','BillingMode':'PAY_PER_REQUEST'}");
    refused(AWS_OP_DDB_UPDATE_TABLE, "{'TableName':'paid','BillingMode':'PROVISIONED'}",
            "must both be specified");
    cloud_do(&c, AWS_OP_DDB_UPDATE_TABLE, "{'TableName':'paid'," PAID UNITS(4, 4) "}");
}

#define INDEX(units)                                                                               \
    "'GlobalSecondaryIndexes':[{'IndexName':'by-s','KeySchema':[{'AttributeName':'s',"             \
    "'KeyType':'HASH'}],'Projection':{'ProjectionType':'ALL'}" units "}]"

Test(dynamodb_rules, indexes_have_throughput_when_the_table_has)
{
    refused(AWS_OP_DDB_CREATE_TABLE,
            "{'TableName':'paid'," PAID UNITS(1, 1) "," KEYS "," INDEX("") "}",
            "specified for index: by-s");
    refused(AWS_OP_DDB_CREATE_TABLE,
            "{'TableName':'paid','BillingMode':'PAY_PER_REQUEST'," KEYS
            "," INDEX(",'ProvisionedThroughput':" UNITS(1, 1)) "}",
            "should not be specified for index: by-s");
    cloud_do(&c, AWS_OP_DDB_CREATE_TABLE,
             "{'TableName':'paid'," PAID UNITS(1, 1) "," KEYS "," INDEX(
                 ",'ProvisionedThroughput':" UNITS(1, 1)) "}");
    cloud_do(&c, AWS_OP_DDB_UPDATE_TABLE,
             "{'TableName':'paid','GlobalSecondaryIndexUpdates':[{'Update':{'IndexName':'by-s',"
             "'ProvisionedThroughput':" UNITS(5, 6) "}}]}");
    cJSON *out = cloud_call(&c, AWS_OP_DDB_DESCRIBE_TABLE, "{'TableName':'paid'}");
    cr_expect_eq(json_int(cloud_member(out, "Table.GlobalSecondaryIndexes.0.ProvisionedThroughput"),
                          "WriteCapacityUnits", 0),
                 6);
    cJSON_Delete(out);
    cloud_do(&c, AWS_OP_DDB_UPDATE_TABLE, "{'TableName':'paid','BillingMode':'PAY_PER_REQUEST'}");
}

Test(dynamodb_rules, index_updates_are_checked)
{
#define CREATE(name)                                                                               \
    "{'Create':{'IndexName':'" name "','KeySchema':[{'AttributeName':'s','KeyType':'HASH'}],"      \
    "'Projection':{'ProjectionType':'ALL'}}}"
#define UPDATE(list)                                                                               \
    "{'TableName':'two','AttributeDefinitions':[{'AttributeName':'s','AttributeType':'S'}],"       \
    "'GlobalSecondaryIndexUpdates':[" list "]}"
    refused(AWS_OP_DDB_UPDATE_TABLE, "{'TableName':'two'}", "for UpdateTable");
    refused(AWS_OP_DDB_UPDATE_TABLE, UPDATE(""), "for UpdateTable");
    refused(AWS_OP_DDB_UPDATE_TABLE, UPDATE("{}"), "Exactly one");
    refused(AWS_OP_DDB_UPDATE_TABLE, UPDATE("{'Create':{},'Delete':{}}"), "Exactly one");
    refused(AWS_OP_DDB_UPDATE_TABLE, UPDATE("{'Delete':{}}"), "indexName");
    refused(AWS_OP_DDB_UPDATE_TABLE, UPDATE(CREATE("abc") "," CREATE("abc")), "Only one global");
    cloud_refuses(&c, AWS_OP_DDB_UPDATE_TABLE, UPDATE(CREATE("abc") "," CREATE("abd")),
                  "LimitExceededException", "Only 1 online index");
    cloud_refuses(&c, AWS_OP_DDB_UPDATE_TABLE, UPDATE("{'Delete':{'IndexName':'abc'}}"),
                  "ResourceNotFoundException", "abc");
    refused(AWS_OP_DDB_UPDATE_TABLE,
            "{'TableName':'two','GlobalSecondaryIndexUpdates':[" CREATE("abc") "]}",
            "not defined in AttributeDefinitions");
    refused(AWS_OP_DDB_UPDATE_TABLE,
            "{'TableName':'two','AttributeDefinitions':[{'AttributeName':'s','AttributeType':'N'}],"
            "'GlobalSecondaryIndexUpdates':[" CREATE("abc") "]}",
            "redefined");
    refused(
        AWS_OP_DDB_CREATE_TABLE,
        "{'TableName':'new','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':["
        "{'AttributeName':'id','AttributeType':'S'},{'AttributeName':'id','AttributeType':'N'}],"
        "'KeySchema':[{'AttributeName':'id','KeyType':'HASH'}]}",
        "Duplicate");
}

Test(dynamodb_rules, a_stream_is_switched_off_once)
{
    cloud_do(&c, AWS_OP_DDB_UPDATE_TABLE,
             "{'TableName':'one','StreamSpecification':{'StreamEnabled':false}}");
    refused(AWS_OP_DDB_UPDATE_TABLE,
            "{'TableName':'one','StreamSpecification':{'StreamEnabled':false}}", "no stream");
    refused(AWS_OP_DDB_UPDATE_TABLE,
            "{'TableName':'two','StreamSpecification':{'StreamEnabled':false}}", "no stream");
    cloud_do(&c, AWS_OP_DDB_UPDATE_TABLE,
             "{'TableName':'one','StreamSpecification':{'StreamEnabled':true,"
             "'StreamViewType':'NEW_IMAGE'}}");
}

/* The table does not exist: the reply first says what is wrong with the request. */
Test(dynamodb_rules, a_request_is_checked_before_its_table_is_looked_for)
{
    static const struct {
        enum aws_op_id op;
        const char *more, *code;
    } bad[] = {
        {AWS_OP_DDB_PUT_ITEM,     "'Item':'x'",                             "SerializationException"   },
        {AWS_OP_DDB_PUT_ITEM,     "'Item':{'id':{'S':1}}",                  "SerializationException"   },
        {AWS_OP_DDB_PUT_ITEM,     "'Item':{'id':{'NS':['a']}}",             "ValidationException"      },
        {AWS_OP_DDB_PUT_ITEM,     "'Item':{},'ReturnValues':'x'",           "ValidationException"      },
        {AWS_OP_DDB_PUT_ITEM,     "'Item':{},'ConditionExpression':'a ='",  "ValidationException"      },
        {AWS_OP_DDB_UPDATE_ITEM,  "'Key':{},'UpdateExpression':'SET'",      "ValidationException"      },
        {AWS_OP_DDB_UPDATE_ITEM,  "'Key':[]",                               "SerializationException"   },
        {AWS_OP_DDB_GET_ITEM,     "'Key':{},'ProjectionExpression':'a,'",   "ValidationException"      },
        {AWS_OP_DDB_GET_ITEM,     "'Key':{},'ConsistentRead':'yes'",        "SerializationException"   },
        {AWS_OP_DDB_QUERY,        "'KeyConditionExpression':'a ='",         "ValidationException"      },
        {AWS_OP_DDB_QUERY,        "'Limit':'1'",                            "SerializationException"   },
        {AWS_OP_DDB_SCAN,         "'FilterExpression':'a = :a'",            "ValidationException"      },
        {AWS_OP_DDB_SCAN,         "'ExpressionAttributeValues':{':a':'x'}", "SerializationException"   },
        {AWS_OP_DDB_UPDATE_TABLE, "'GlobalSecondaryIndexUpdates':[1]",      "SerializationException"   },
        {AWS_OP_DDB_UPDATE_TABLE, "'StreamSpecification':true",             "SerializationException"   },
        {AWS_OP_DDB_SCAN,         "'Limit':1",                              "ResourceNotFoundException"},
    };
    char text[300];

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        (void)snprintf(text, sizeof text, "{'TableName':'missing',%s}", bad[i].more);
        cloud_refuses(&c, bad[i].op, text, bad[i].code, "");
    }
    cloud_refuses(&c, AWS_OP_DDB_BATCH_GET_ITEM, "{'RequestItems':{'missing':{'Keys':[1]}}}",
                  "SerializationException", "");
    cloud_refuses(&c, AWS_OP_DDB_BATCH_WRITE_ITEM, "{'RequestItems':{'missing':{}}}",
                  "SerializationException", "");
}

Test(dynamodb_rules, no_path_leads_into_a_key)
{
    static const char *const more[] = {"'ProjectionExpression':'s.a'",
                                       "'FilterExpression':'attribute_exists(id[0])'",
                                       "'FilterExpression':'size(s.x) > id'"};
    char text[300];

    for (size_t i = 0; i < sizeof more / sizeof *more; i++) {
        (void)snprintf(text, sizeof text, "{'TableName':'two',%s}", more[i]);
        refused(AWS_OP_DDB_SCAN, text, "Key attributes must be scalars");
    }
}

Test(dynamodb_rules, a_name_that_no_table_can_have_is_not_just_missing)
{
    refused(AWS_OP_DDB_PUT_ITEM, "{'TableName':'no!pe','Item':{'id':{'S':'a'}}}",
            "regular expression");
    refused(AWS_OP_DDB_GET_ITEM, "{'TableName':'xx','Key':{'id':{'S':'a'}}}", "at least 3");
    cloud_refuses(&c, AWS_OP_DDB_SCAN, "{'TableName':'missing'}", "ResourceNotFoundException",
                  "not found");
}
