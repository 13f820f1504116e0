import { surface, type SurfaceTraits } from '../surface.js';
import { calls, type EurekaRoute, forRoutes } from './routes.js';

export const eureka = surface<EurekaRoute>({
  name: 'eureka',
  what: 'clients of Netflix Eureka, such as Spring Cloud',
  routes: forRoutes<SurfaceTraits>(calls),
  load: () => import('./eureka.js'),
});
