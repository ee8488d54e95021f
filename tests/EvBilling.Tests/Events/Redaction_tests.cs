using System.Text;
using EvBilling.Events;

namespace EvBilling.Tests.Events;

public class Redaction_tests
{
    [Theory]
    [InlineData("""{"phone_number":"+49 170","x":1}""", """{"phone_number":"*******","x":1}""")]
    [InlineData("""{"a":{"email":"a@b.c"},"phone_number":1701234567}""", """{"a":{"email":"*****"},"phone_number":**********}""")]
    [InlineData("""{"email":["a@b.c"]}""", """{"email":[*******]}""")]
    [InlineData("""{"email":"","n":12345678}""", """{"email":"","n":12345678}""")]
    [InlineData("""{"meter_wh":12345678}""", """{"meter_wh":12345678}""")]
    [InlineData("call 01701234567 or", "call *********** or")]
    [InlineData("only 123456 here", "only 123456 here")]
    [InlineData("{\"e\":\"joe.doe@example.org\"", "{\"e\":\"*******************\"")]
    [InlineData("é@ü.de, 1234567", "******, *******")]
    public void Contact_data_is_blanked_and_nothing_else(string text, string expected)
    {
        var kept = Redaction.Redact(Encoding.Latin1.GetBytes(text), out var redacted);

        Assert.Equal(expected, Encoding.Latin1.GetString(kept));
        Assert.Equal(text != expected, redacted);
    }

    /// <summary>Of a text that is no JSON, what people and programs write down as telephone numbers and addresses.</summary>
    [Theory]
    [InlineData("""{"phone_number":"+49 (170) 12-34-56","x":1""", """{"phone_number":"******************","x":1""")]
    [InlineData("""{"phone_number": "+31 6 12""", """{"phone_number": "********""")]
    [InlineData("{'phone_number': '+31 6 12 34 56 78', 'end_time': None}", "{'phone_number': '*****************', 'end_time': None}")]
    [InlineData("phone_number=+1 555.123.4567; x=1", "phone_number=***************; x=1")]
    [InlineData("""{"phone_number":0170123,"n":123456,}""", """{"phone_number":*******,"n":123456,}""")]
    [InlineData("""{"email":"joe at example","n":1,}""", """{"email":"**************","n":1,}""")]
    [InlineData("""{"note":"ask joe.doe+ev@example.org now","n":1,}""", """{"note":"ask ********************** now","n":1,}""")]
    [InlineData("""{"note":"joe\u0040example.org","n":1,}""", """{"note":"********************","n":1,}""")]
    [InlineData("""{"email":"joé@exämple.org","note":"Voilà@x.fr Åsa@x.se",}""", """{"email":"*****************","note":"*********** *********",}""")]
    [InlineData("""{"email":null,"phone_number":"",}""", """{"email":null,"phone_number":"",}""")]
    [InlineData("""{"end_time":"2024-05-01 10:00:00","email",}""", """{"end_time":"2024-05-01 10:00:00","email",}""")]
    public void Of_a_text_that_does_not_parse_all_that_looks_like_contact_data_is_masked(string text, string expected) => AssertKept(text, expected);

    /// <summary>Serialized twice: to JSON one text, to a reader an object.</summary>
    [Theory]
    [InlineData(
        """ "{\"charger_id\":\"C1\",\"phone_number\":\"+31 6 12 34\",\"email\":\"joe@x.org\",\"n\":123}" """,
        """ "{\"charger_id\":\"C1\",\"phone_number\":\"***********\",\"email\":\"*********\",\"n\":123}" """)]
    [InlineData("\"0170 1234567\"", "\"0170 *******\"")]
    public void A_text_within_a_text_is_masked_as_one_that_does_not_parse(string text, string expected) => AssertKept(text, expected);

    [Theory]
    [InlineData("""{"charger_id":"C1","email":"joé@exämple.org","phone_number":"٠١٢"}""", """{"charger_id":"C1","email":"*****************","phone_number":"******"}""")]
    [InlineData("""{"charger_id":"C1","emai\u006c":"\u006a@x.org","phone_number":null}""", """{"charger_id":"C1","emai\u006c":"************","phone_number":null}""")]
    [InlineData("""{"charger_id":"C1","end_time":5,"email":"a","email":"b"}""", """{"charger_id":"C1","end_time":5,"email":"*","email":"*"}""")]
    [InlineData("""{"\ud800aaaaaaaaaaa":1,"phone_number":"+31 6 12"}""", """{"\ud800aaaaaaaaaaa":1,"phone_number":"********"}""")]
    [InlineData("""[{"vendor":[{"email":"a@b.c"}],"phone_number":{"mobile":"06"}}]""", """[{"vendor":[{"email":"*****"}],"phone_number":{*************}}]""")]
    [InlineData("""{"charger_id":"C1","note":"a@b.c","Email":"a@b.c"}""", """{"charger_id":"C1","note":"a@b.c","Email":"a@b.c"}""")]
    public void Of_a_text_that_parses_the_two_members_are_blanked_at_any_depth_and_nothing_else(string text, string expected) => AssertKept(text, expected);

    [Fact]
    public void Of_a_message_cut_anywhere_neither_telephone_number_nor_address_is_kept()
    {
        const string Message = """{"charger_id":"C1","phone_number":"+49 170 12 34 56","note":"x","email":"joe.doe@example.org","end_time":"2024-05-01 10:00:00"}""";
        for (var length = 0; length <= Message.Length; length++)
        {
            var kept = Encoding.UTF8.GetString(Redaction.Redact(Encoding.UTF8.GetBytes(Message[..length]), out _));
            Assert.Equal(length, kept.Length);
            Assert.DoesNotContain("+4", kept, StringComparison.Ordinal);
            Assert.DoesNotContain("jo", kept, StringComparison.Ordinal);
            Assert.DoesNotContain("example", kept, StringComparison.Ordinal);
            Assert.StartsWith(Message[..Math.Min(length, 30)], kept, StringComparison.Ordinal);
        }
    }

    private static void AssertKept(string text, string expected)
    {
        var kept = Redaction.Redact(Encoding.UTF8.GetBytes(text), out var redacted);

        Assert.Equal(expected, Encoding.UTF8.GetString(kept));
        Assert.Equal(text != expected, redacted);
        // What is put through again keeps its form.
        Assert.Equal(kept, Redaction.Redact(kept, out _));
    }
}
