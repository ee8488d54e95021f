using EvBilling.Functions.Callers;
using EvBilling.Functions.Scaling;
using EvBilling.Functions.Timer;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace EvBilling.Functions.Http;

/// <summary>
/// Answers the host: its ping, the forwarded calls of the function <c>scale</c>, and the timer's ticks. What is wrong about a call is told in this order: route, caller, method,
/// content, cluster.
/// </summary>
internal sealed class Handler(FunctionSettings settings, Gate gate, IScaleTarget target, Scaler scaler, ScaleTimer timer, ILogger logger)
{
    public const string ScalePath = "/api/scale";
    public const string TimerPath = "/scale-timer";

    private const string Nobody = "nobody";

    // A read and a write of the slowest server that is waited for, and far under the host's own patience.
    private static readonly TimeSpan CallWithin = TimeSpan.FromSeconds(10);

    public async Task Answer(HttpContext context)
    {
        var who = Nobody;
        try
        {
            // Not ended with the connection: a change that has begun is told in the log however the caller fares.
            using var patience = new CancellationTokenSource(CallWithin);
            switch (context.Request.Path.Value)
            {
                case "/":
                    await Answers.Ready(context.Response);
                    break;
                case ScalePath:
                    who = await gate.Check(context.Request.Headers, patience.Token);
                    await Scale(context, who, patience.Token);
                    break;
                case TimerPath:
                    who = "timer";
                    await Tick(context, patience.Token);
                    break;
                default:
                    throw new RefusalException(Refusal.UnknownRoute, $"There is nothing here; the function is at {ScalePath}.");
            }
        }
        catch (RefusalException e)
        {
            await Refuse(context, who, e);
        }
        catch (OperationCanceledException)
        {
            await Refuse(context, who, new(Refusal.ServerTimeout, "The call took too long; look with GET what has become of it."));
        }
        catch (BadHttpRequestException e)
        {
            await Refuse(context, who, new(e.StatusCode == StatusCodes.Status413PayloadTooLarge ? Refusal.TooLarge : Refusal.NotJson, "The body cannot be read."));
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            Log.Failed(logger, e);
            await Answers.Refused(context.Response, new(Refusal.InternalError, "The call failed; see the log."));
        }
    }

    private async Task Scale(HttpContext context, string who, CancellationToken cancellation)
    {
        var isDryRun = Requests.IsDryRun(context.Request.Query);
        switch (context.Request.Method)
        {
            case "GET":
                var state = await target.Read(cancellation);
                Log.Looked(logger, who, target.Set, state.Desired, state.Current);
                await Answers.State(context.Response, target.Set, state, settings.Bounds);
                break;
            case "POST":
                var request = ScaleRequest.Parse(await Requests.JsonBody(context.Request, cancellation), settings.Bounds, target.Set);
                var result = await scaler.Scale(_ => request.Replicas, isDryRun || request.IsDryRun || settings.IsDryRun, cancellation);
                Log.Decided(logger, who, target.Set, result.From, result.To, result.Outcome, "it was asked for");
                await Answers.Scaled(context.Response, target.Set, result);
                break;
            default:
                context.Response.Headers.Allow = "GET, POST";
                throw new RefusalException(Refusal.WrongMethod, "Use GET to look and POST to scale.");
        }
    }

    // No key: the host sends none, and its routes do not lead here. A process of the same machine that calls it can do no more than the schedule does by itself.
    private async Task Tick(HttpContext context, CancellationToken cancellation)
    {
        gate.CheckConfigured();
        if (context.Request.Method != "POST")
        {
            context.Response.Headers.Allow = "POST";
            throw new RefusalException(Refusal.WrongMethod, "The host's timer uses POST.");
        }
        await timer.Tick(TimerPayload.Parse(await Requests.JsonBody(context.Request, cancellation)), cancellation);
        await Answers.Done(context.Response);
    }

    private Task Refuse(HttpContext context, string who, RefusalException refused)
    {
        Log.Refused(logger, who, refused.Refusal.ToString(), refused.Message, refused.Cause ?? "");
        return context.Response.HasStarted ? Task.CompletedTask : Answers.Refused(context.Response, refused);
    }
}
