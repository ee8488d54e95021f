using System.Buffers;
using System.Text;
using System.Text.Json;
using EvBilling.Billing;
using EvBilling.Rating;
using static EvBilling.Tests.Billing.Given;

namespace EvBilling.Tests.Billing;

public sealed class BillCsvTests
{
    [Fact]
    public void The_header_names_the_members_of_a_bills_json_in_order() => Assert.Equal(
        "session_id,version,status,flags,location_id,station_id,evse_id,connector_id,token_id,tariff_id,currency,started_at,ended_at,energy_wh,charging_s,"
        + "parking_s,waiting_s,total_excl_vat,total_incl_vat,vat_breakdown,lines,readings,rating_readings,supersedes",
        BillCsv.Header);

    [Fact]
    public void The_header_is_a_line() => Assert.Equal(BillCsv.Header + "\r\n", Text(BillCsv.WriteHeader));

    [Fact]
    public void A_row_has_the_values_of_the_bills_json_and_nothing_for_what_is_not_known()
    {
        var bill = Bill(lines: [Line("ENERGY", -1.5m, null)]);
        var lines = Json(bill).GetProperty("lines").GetRawText().Replace("\"", "\"\"", StringComparison.Ordinal);
        Assert.Equal(
            "S-1,1,final,,LOC-1,,NL*EVB*E1,,T,T1,EUR,2026-01-05T08:00:00Z,2026-01-05T09:00:00Z,1000,3600,0,0,-1.50,,[],"
            + $"\"{lines}\",2,{{}},\r\n",
            Row(bill));
    }

    [Fact]
    public void Flags_are_joined_by_semicolons()
    {
        var bill = Operator.Bill("S", [Event("started", "2026-01-05T08:00:00Z", 0, "Charging"), Event("updated", "2026-01-05T09:00:00Z", 5, "Charging", "U")]);
        Assert.Equal("ClosedByPolicy;SeveralTokens", Fields(Row(bill))[3]);
    }

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("a\"b", "\"a\"\"b\"")]
    [InlineData("a\r\nb", "\"a\r\nb\"")]
    [InlineData("Säule", "Säule")]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("+4930123456", "'+4930123456")]
    [InlineData("-2+3", "'-2+3")]
    [InlineData("-2", "-2")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("\t=1", "'\t=1")]
    [InlineData("\r=1", "\"'\r=1\"")]
    [InlineData("=\"a\"", "\"'=\"\"a\"\"\"")]
    public void A_text_is_quoted_where_it_must_be_and_never_runs_as_a_formula(string id, string field) =>
        Assert.StartsWith(field + ",1,final,", Row(Bill(sessionId: id)), StringComparison.Ordinal);

    [Fact]
    public void Every_bill_of_a_fleet_reads_back_to_its_json() => Assert.All(Billed.FieldWeek.Bills.Take(300), bill =>
    {
        var members = Json(bill).EnumerateObject().ToArray();
        var fields = Fields(Row(bill));
        Assert.Equal(members.Length, fields.Length);
        Assert.All(members.Zip(fields), pair => Assert.Equal(
            pair.First.Value.ValueKind switch
            {
                JsonValueKind.Null => "",
                JsonValueKind.String => pair.First.Value.GetString(),
                _ => pair.First.Name == "flags" ? string.Join(';', pair.First.Value.EnumerateArray()) : pair.First.Value.GetRawText(),
            },
            pair.Second));
    });

    private static string Row(Bill bill) => Text(to => BillCsv.Write(to, bill));

    private static string Text(Action<IBufferWriter<byte>> write)
    {
        var bytes = new ArrayBufferWriter<byte>();
        write(bytes);
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    private static JsonElement Json(Bill bill)
    {
        var json = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(json))
        {
            BillJson.Write(writer, bill);
        }
        using var document = JsonDocument.Parse(json.WrittenMemory);
        return document.RootElement.Clone();
    }

    /// <summary>The fields of one record, as RFC 4180 reads them.</summary>
    private static string[] Fields(string record)
    {
        var fields = new List<StringBuilder> { new() };
        var isQuoted = false;
        foreach (var character in record[..^2])
        {
            if (character == '"')
            {
                isQuoted = !isQuoted;
                // Of two quotes in a row the second is one of the text's.
                if (isQuoted && fields[^1].Length > 0)
                {
                    fields[^1].Append('"');
                }
            }
            else if (character == ',' && !isQuoted)
            {
                fields.Add(new StringBuilder());
            }
            else
            {
                fields[^1].Append(character);
            }
        }
        return [.. fields.Select(field => field.ToString())];
    }
}
