namespace EvBilling.Locations;

/// <summary>
/// ISO 3166-1 country codes: alpha-3 as OCPI uses for a location's <c>country</c>, alpha-2 as OCPI uses for <c>country_code</c>
/// and the time zone database for its zones. Letters of either case are understood; what comes out is upper case.
/// </summary>
public static class CountryCodes
{
    private const int EntryLength = 6;

    /// <summary>The alpha-2 code of an alpha-2 or alpha-3 code; null if the text is no assigned code.</summary>
    public static string? Alpha2(string code) => Entry(code) is var entry and >= 0 ? Table.Substring(entry, 2) : null;

    /// <summary>The alpha-3 code of an alpha-2 or alpha-3 code; null if the text is no assigned code.</summary>
    public static string? Alpha3(string code) => Entry(code) is var entry and >= 0 ? Table.Substring(entry + 2, 3) : null;

    private static int Entry(string code)
    {
        ArgumentNullException.ThrowIfNull(code);
        if (code.Length is not (2 or 3))
        {
            return -1;
        }
        var offset = code.Length == 2 ? 0 : 2;
        for (var entry = 0; entry < Table.Length; entry += EntryLength)
        {
            if (code.AsSpan().Equals(Table.AsSpan(entry + offset, code.Length), StringComparison.OrdinalIgnoreCase))
            {
                return entry;
            }
        }
        return -1;
    }

    // Alpha-2 and alpha-3 of each country in one word, ordered by alpha-2. The facts are those of ISO 3166-1.
    private const string Table =
        "ADAND AEARE AFAFG AGATG AIAIA ALALB AMARM AOAGO AQATA ARARG ASASM ATAUT AUAUS AWABW AXALA AZAZE BABIH BBBRB BDBGD BEBEL BFBFA BGBGR " +
        "BHBHR BIBDI BJBEN BLBLM BMBMU BNBRN BOBOL BQBES BRBRA BSBHS BTBTN BVBVT BWBWA BYBLR BZBLZ CACAN CCCCK CDCOD CFCAF CGCOG CHCHE CICIV " +
        "CKCOK CLCHL CMCMR CNCHN COCOL CRCRI CUCUB CVCPV CWCUW CXCXR CYCYP CZCZE DEDEU DJDJI DKDNK DMDMA DODOM DZDZA ECECU EEEST EGEGY EHESH " +
        "ERERI ESESP ETETH FIFIN FJFJI FKFLK FMFSM FOFRO FRFRA GAGAB GBGBR GDGRD GEGEO GFGUF GGGGY GHGHA GIGIB GLGRL GMGMB GNGIN GPGLP GQGNQ " +
        "GRGRC GSSGS GTGTM GUGUM GWGNB GYGUY HKHKG HMHMD HNHND HRHRV HTHTI HUHUN IDIDN IEIRL ILISR IMIMN ININD IOIOT IQIRQ IRIRN ISISL ITITA " +
        "JEJEY JMJAM JOJOR JPJPN KEKEN KGKGZ KHKHM KIKIR KMCOM KNKNA KPPRK KRKOR KWKWT KYCYM KZKAZ LALAO LBLBN LCLCA LILIE LKLKA LRLBR LSLSO " +
        "LTLTU LULUX LVLVA LYLBY MAMAR MCMCO MDMDA MEMNE MFMAF MGMDG MHMHL MKMKD MLMLI MMMMR MNMNG MOMAC MPMNP MQMTQ MRMRT MSMSR MTMLT MUMUS " +
        "MVMDV MWMWI MXMEX MYMYS MZMOZ NANAM NCNCL NENER NFNFK NGNGA NINIC NLNLD NONOR NPNPL NRNRU NUNIU NZNZL OMOMN PAPAN PEPER PFPYF PGPNG " +
        "PHPHL PKPAK PLPOL PMSPM PNPCN PRPRI PSPSE PTPRT PWPLW PYPRY QAQAT REREU ROROU RSSRB RURUS RWRWA SASAU SBSLB SCSYC SDSDN SESWE SGSGP " +
        "SHSHN SISVN SJSJM SKSVK SLSLE SMSMR SNSEN SOSOM SRSUR SSSSD STSTP SVSLV SXSXM SYSYR SZSWZ TCTCA TDTCD TFATF TGTGO THTHA TJTJK TKTKL " +
        "TLTLS TMTKM TNTUN TOTON TRTUR TTTTO TVTUV TWTWN TZTZA UAUKR UGUGA UMUMI USUSA UYURY UZUZB VAVAT VCVCT VEVEN VGVGB VIVIR VNVNM VUVUT " +
        "WFWLF WSWSM YEYEM YTMYT ZAZAF ZMZMB ZWZWE ";
}
