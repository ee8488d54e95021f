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
}
