namespace EvBilling.Tests.Json;

/// <summary>Tariffs and CDRs that the quick readers read.</summary>
internal static class PlainTexts
{
    public static readonly string[] Tariffs =
    [
        """{"country_code":"NL","party_id":"ENE","id":"T1","currency":"EUR","elements":[{"price_components":[{"type":"ENERGY","price":0.35,"vat":21.0,"step_size":1}]}],"last_updated":"2024-01-01T00:00:00Z"}""",
        """{"id":"T","currency":"EUR","type":"AD_HOC_PAYMENT","tariff_alt_text":[{"language":"de","text":"L\u00e4den \"alt\" \/ neu é"}],"min_price":{"excl_vat":2.00,"vat":null},"max_price":{"excl_vat":20,"incl_vat":24.20},"elements":[{"price_components":[{"type":"ENERGY","price":0.305,"vat":21,"step_size":100},{"type":"FLAT","price":1,"vat":9,"step_size":1}],"restrictions":{"start_time":"22:00","end_time":"06:30","start_date":"2024-02-29","end_date":"2026-01-01","day_of_week":["MONDAY","TUESDAY","WEDNESDAY","THURSDAY","FRIDAY","SATURDAY","SUNDAY"],"min_kwh":1.50,"max_kwh":null,"max_duration":7200}},{"price_components":[{"price":2,"type":"TIME","vat":null,"step_size":60},{"type":"PARKING_TIME","price":5.25,"step_size":300,"note":{"x":[1,2.5e3,-0,true,null]}}],"restrictions":{"min_power":11,"max_power":22.5,"min_current":6,"max_current":32,"min_duration":0,"reservation":"RESERVATION"}},{"price_components":[],"restrictions":{"day_of_week":[]}},{"price_components":[{"type":"ENERGY","price":-0.2}],"restrictions":null}],"start_date_time":"2020-01-01T00:00:00.250+01:00","end_date_time":null,"energy_mix":{"is_green_energy":true},"last_updated":"2026-01-01T00:00:00"}""",
        """
        { "id" : "J-7" , "currency" : "JPY" , "tax_included" : "N/A" , "min_price" : { "before_taxes" : 1 , "after_taxes" : 1.1 } ,
          "elements" : [ { "restrictions" : { "reservation" : "RESERVATION_EXPIRES" , "start_time" : "00:00" , "end_time" : "24:00" } ,
            "price_components" : [ { "step_size" : 0 , "price" : 30 , "type" : "FLAT" } ] } ] , "end_date_time" : "2031-12-31T23:59:59Z" }
        """,
    ];

    public static readonly string[] Cdrs =
    [
        """{"country_code":"NL","id":"C2","start_date_time":"2024-06-12T14:00:00Z","end_date_time":"2024-06-12T15:30:00Z","cdr_token":{"uid":"012345678","type":"RFID"},"cdr_location":{"id":"LOC1","name":"Caf\u00e9 \"Zürich\"","country":"NLD","coordinates":{"latitude":"52.370216","longitude":"4.895168"}},"currency":"EUR","charging_periods":[{"start_date_time":"2024-06-12T14:00:00Z","dimensions":[{"type":"ENERGY","volume":16.335},{"type":"TIME","volume":1.5}]}],"total_cost":{"excl_vat":0.00,"incl_vat":0.00},"total_energy":16.335,"tariffs":[]}""",
        """{"start_date_time":"2026-03-28T22:00:00.5Z","stop_date_time":"2026-03-29T06:00:00","location":{"country":"DE"},"currency":"XYZ","charging_periods":[{"start_date_time":"2026-03-28T22:00:00Z","tariff_id":"T1","dimensions":[{"type":"ENERGY","volume":10.010000},{"type":"TIME","volume":3.5},{"type":"MAX_POWER","volume":11},{"type":"MIN_POWER","volume":2.5},{"type":"ENERGY_EXPORT","volume":"none"}]},{"dimensions":[{"volume":0.25,"type":"PARKING_TIME"},{"type":"MIN_CURRENT","volume":-6},{"type":"MAX_CURRENT","volume":16.25}],"tariff_id":"t1","start_date_time":"2026-03-29T03:30:00+02:00"},{"start_date_time":"2026-03-29T02:30:00Z","dimensions":[],"tariff_id":"T2"},{"start_date_time":"2026-03-29T03:30:00Z","dimensions":[{"type":"ENERGY","volume":-1},{"type":"RESERVATION_TIME","volume":0.2778}],"note":[{"a":[{"b":-1.5e-3}]},"x"]}],"credit":true,"total_time":null}""",
        """
        { "start_date_time" : "2026-03-02T10:00:00Z" , "end_date_time" : "2026-03-02T11:00:00Z" , "stop_date_time" : null , "credit" : false ,
          "charging_periods" : [ { "start_date_time" : "2026-03-02T10:00:00Z" , "dimensions" : [ { "type" : "TIME" , "volume" : 0.5 } ] } , { "start_date_time" : "2026-03-02T10:30:00Z" } ] }
        """,
    ];
}
