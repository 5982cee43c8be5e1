import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { AnalyticsContext } from '../context.js';
import { TrackInput, TrackPayload } from './track.type.js';

@Resolver()
export class TrackResolver {
  @Mutation(() => TrackPayload, {
    description: 'Stores events into the active tenant. Sending the same events again changes nothing.',
  })
  async track(
    @Ctx() context: AnalyticsContext,
    @Arg('input', () => TrackInput) input: TrackInput,
  ): Promise<TrackPayload> {
    return context.services.tracking.track(context, input);
  }
}
